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
const fs = require('node:fs');
const path = require('node:path');
const { native, serve } = require('../node/wire.js');
const { ALL, meant, served } = require('./calls.js');
const { PLUGIN, announced, page, reply } = require('./page.js');

const [folder, platform, core, android] = process.argv.slice(2);
/** Where the native halves name the methods that they tell the page of. */
const METHODS = {
  android: /@PluginMethod\b(?:\([^)]*\))?\s+public\s+void\s+(\w+)/g,
  ios: /\bCAP_?Plugin_?Method\((?:name:\s*"(\w+)"|(\w+),)/gi,
};

const sources = (place) => fs.readdirSync(place, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(java|kt|swift|m)$/.test(entry.name))
  .map((entry) => fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), 'utf8'));

/** What the native half tells the page, read from its source. */
function announce() {
  const found = sources(path.join(folder, platform)).flatMap((text) => [...text.matchAll(METHODS[platform])]);
  const methods = found.map(([, name, other]) => ({ name: name ?? other, rtype: 'promise' }));
  globalThis.Capacitor.PluginHeaders = [{ name: PLUGIN, methods }];
}

function post(text) {
  const { callbackId, pluginId, methodName, options } = JSON.parse(text);
  if (pluginId !== PLUGIN) return;
  const answer = (outcome) => reply(JSON.stringify({ save: false, callbackId, pluginId, methodName, ...outcome }));
  native(...meant(methodName, options)).then(
    () => answer({ success: true }),
    ({ code, message }) => answer({ success: false, error: { code, message } }),
  );
}

const start = page({ folder, platform, core, android }, post, announce);
let app = start();

/** The functions that do not say of themselves that they are not implemented. */
async function implemented() {
  const says = async (name) => app[name]({}).then(() => undefined, ({ code }) => code);
  const codes = await Promise.all(ALL.map(says));
  return ALL.filter((name, index) => codes[index] !== 'UNIMPLEMENTED');
}

async function main() {
  const names = platform === 'web' ? await implemented() : announced();
  serve({ ...served(folder, platform, names, () => app), reset() { app = start(); } });
}

main();
