'use strict';

/**
 * Runs the JavaScript of @intercom/intercom-react-native over the package's Java: `node chain.js FOLDER COMMAND`, where
 * the command is JSON and serves `conformance.react.Bridge`.
 *
 * The native module has the methods that the Java has. An error comes as React Native makes it: an Error with the keys
 * that the rejection has. An exception that escapes the Java ends the app, so it is thrown by the call.
 */

const { serve } = require('../node/wire.js');
const { launch } = require('../node/jvm.js');
const { served } = require('./app.js');

const [folder, command] = process.argv.slice(2);
const jvm = launch(JSON.parse(command));

const method = (name) => (...args) => new Promise((resolve, reject) => {
  const settle = { success: resolve, error: (data) => reject(Object.assign(new Error(), data)) };
  jvm.call(name, args, (kind, value) => settle[kind](value));
});

jvm.initialize().then(({ methods, silent }) => {
  const IntercomModule = Object.fromEntries(methods.map((name) => [name, method(name)]));
  const app = served(folder, 'android', IntercomModule);
  const reset = () => jvm.reset().then(app.reset);
  serve({ ...app, binding: { ...app.binding, silent }, reset, idle: jvm.idle });
});
