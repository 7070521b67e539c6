'use strict';

/**
 * Runs the package @capacitor-community/intercom as published, in Node.js:
 * `node adapter.js FOLDER PLATFORM CORE ANDROID`, with the folders of @capacitor/core and @capacitor/android.
 *
 * Real are the plugin's JavaScript, @capacitor/core and native-bridge.js, which is the same file on both platforms.
 * Below them the native half is replaced: a message that the page posts goes to the kit as the guide's call that it
 * stands for, and the SDK's outcome comes back as the reply to it. Java and Swift do not run: nothing is said of them.
 * On the web there is no native half; the package's own implementation says what it does not implement.
 */
const path = require('node:path');
const { native, serve } = require('../node/wire.js');
const { PARAMETERS, call, capabilities } = require('../node/guide.js');
const { functions, meant, write } = require('./calls.js');
const { PLUGIN, headers, page, reply } = require('./page.js');

const [folder, platform, core, android] = process.argv.slice(2).map((given, index) => (
  index === 1 ? given : path.resolve(given)));
const manifest = require(path.join(folder, 'package.json'));
const plugins = platform === 'web' ? [] : headers(folder, platform);

function post({ callbackId, pluginId, methodName, options }) {
  if (pluginId !== PLUGIN) return;
  const answer = (outcome) => reply({ save: false, callbackId, pluginId, methodName, ...outcome });
  native(...meant(methodName, options)).then(
    () => answer({ success: true }),
    ({ code, message }) => answer({ success: false, error: { code, message } }),
  );
}

const start = page({ folder, platform, core, android, plugins }, post);
let app = start();

/** The functions that are implemented: those of the native half, or those that do not say otherwise. */
async function implemented() {
  if (plugins.length) return new Set(plugins[0].methods.map(({ name }) => name));
  const served = new Set();
  const names = new Set(Object.keys(PARAMETERS).flatMap((name) => functions(name)));
  for (const name of names) {
    await app[name]({}).then(() => served.add(name), ({ code }) => code === 'UNIMPLEMENTED' || served.add(name));
  }
  return served;
}

/** Whether functions stand for the call. By its types, the login takes no further attributes, an update no companies. */
function offers(served, name, argument) {
  if (argument === 'attributes' || argument === 'companies') return false;
  const found = functions(name, argument);
  return found.length > 0 && found.every((one) => served.has(one));
}

implemented().then((served) => serve({
  binding: {
    name: manifest.name,
    version: manifest.version,
    platform,
    style: 'promises',
    capabilities: capabilities((...use) => offers(served, ...use)),
  },
  methods: Object.fromEntries(Object.keys(PARAMETERS).map((name) => [
    name, (args) => { const [called, given] = write(name, args); return call(app, called, given); },
  ])),
  reset() { app = start(); },
}));
