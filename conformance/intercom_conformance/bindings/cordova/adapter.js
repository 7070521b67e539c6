'use strict';

/**
 * Runs the JavaScript of cordova-plugin-intercom as published, in Node.js: `node adapter.js FOLDER [ios]`.
 *
 * `cordova.exec` is replaced. The plugin's Java and Objective-C do not run: nothing is said of them.
 */
const { serve } = require('../node/wire.js');
const { served } = require('./calls.js');
const { describe } = require('./plugin.js');
const { starter } = require('./replaced.js');

const [folder, platform = 'android'] = process.argv.slice(2);
const plugin = describe(folder, platform);
const start = starter(folder, plugin, platform);

start();
serve({ ...served(plugin, platform), reset: start });
