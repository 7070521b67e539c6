'use strict';

/**
 * Runs the JavaScript of cordova-plugin-intercom over the plugin's Objective-C: `node ios.js FOLDER COMMAND`.
 *
 * `cordova.exec` is replaced, and so is Cordova's native side (cordova/objc): arguments cross as JSON text.
 */
const { serve } = require('../node/wire.js');
const { launch } = require('../node/jvm.js');
const { served } = require('./calls.js');
const { describe } = require('./plugin.js');
const { starter } = require('./replaced.js');

const [folder, command] = process.argv.slice(2);
const plugin = describe(folder, 'ios');
const driver = launch(JSON.parse(command));

function exec(success, error, service, action, args) {
  const callbacks = { success, error };
  const given = JSON.parse(JSON.stringify(args ?? []));
  driver.call(action, given, (kind, ...value) => callbacks[kind]?.(...value));
}

const start = starter(folder, plugin, 'ios', exec);
const reset = () => driver.reset().then(start);

driver.initialize().then(({ silent }) => {
  start();
  const { binding, methods } = served(plugin, 'ios');
  serve({ binding: { ...binding, silent }, methods, reset, idle: driver.idle });
});
