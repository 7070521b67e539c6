'use strict';

/**
 * Runs @ionic-native/intercom as published, over cordova-plugin-intercom, in Node.js:
 * `node adapter.js FOLDER PLATFORM PLUGIN CORE RXJS TSLIB`, with the folders of the Cordova plugin, of
 * @ionic-native/core, of rxjs and of tslib.
 *
 * All of them are real, in the build for Angular, the only one that Node.js can load. Replaced are Angular, of which one
 * decorator is named, and `cordova.exec`. Arguments that an app leaves out are left out: the wrapper adds its callbacks.
 */
const path = require('node:path');
const { serve } = require('../node/wire.js');
const { PARAMETERS, call, capabilities } = require('../node/guide.js');
const { rerunnable } = require('../node/modules.js');
const { caller } = require('../cordova/calls.js');
const { describe } = require('../cordova/plugin.js');
const { starter } = require('../cordova/replaced.js');

const [folder, platform, pluginFolder, core, rxjs, tslib] = process.argv.slice(2);
const { name, version } = require(path.join(folder, 'package.json'));
const startPlugin = starter(pluginFolder, describe(pluginFolder, platform), platform);
const replaced = { '@angular/core': { Injectable() {} }, tslib: require(tslib) };
const loadCore = rerunnable(require.resolve(core), { rxjs: require(rxjs) });
const loadWrapper = rerunnable(path.join(folder, 'ngx', 'bundle.js'), replaced);
let app;

/** The app after its start: nothing is left of an earlier run. */
function start() {
  startPlugin();
  replaced['@ionic-native/core'] = loadCore();
  app = new (loadWrapper().Intercom)();
}

start();
const { route, offers } = caller(() => app);
serve({
  binding: { name, version, platform, style: 'promises', capabilities: capabilities(offers) },
  methods: Object.fromEntries(Object.keys(PARAMETERS).map((method) => [
    method, (args) => call(app, ...route(method, args)),
  ])),
  reset: start,
});
