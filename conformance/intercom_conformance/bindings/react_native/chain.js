'use strict';

/**
 * Runs the JavaScript of @intercom/intercom-react-native over the package's Java or Objective-C: `node chain.js FOLDER
 * COMMAND [ios]`, where the command is JSON and serves `conformance.react.Bridge`, or the class `App` on iOS.
 *
 * The native module has the methods that this has. An error comes as React Native makes it: an Error with the keys
 * that the rejection has. An exception that escapes below ends the app, so it is thrown by the call.
 */

const { Unwritable, serve } = require('../node/wire.js');
const { launch } = require('../node/jvm.js');
const { served } = require('./app.js');

const [folder, command, platform = 'android'] = process.argv.slice(2);
const jvm = launch(JSON.parse(command));

const method = (name) => (...args) => new Promise((resolve, reject) => {
  const settle = { success: resolve, error: (data) => reject(Object.assign(new Error(), data)) };
  jvm.call(name, args, (kind, value) => settle[kind](value));
});

/** On iOS a token is bytes, which an app writes in hexadecimal; no app has another. */
const written = (sendPushToken) => (args) => {
  const hexadecimal = typeof args[0] !== 'string' || /^([0-9a-f]{2})*$/.test(args[0]);
  if (!hexadecimal) throw new Unwritable('A token of iOS is hexadecimal.');
  return sendPushToken(args);
};

jvm.initialize().then(({ methods, silent }) => {
  const IntercomModule = Object.fromEntries(methods.map((name) => [name, method(name)]));
  const app = served(folder, platform, IntercomModule);
  if (platform === 'ios') app.methods.sendPushToken = written(app.methods.sendPushToken);
  const reset = () => jvm.reset().then(app.reset);
  serve({ ...app, binding: { ...app.binding, silent }, reset, idle: jvm.idle });
});
