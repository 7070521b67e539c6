'use strict';

/** The page of a Capacitor app: what stands in it before the app's own code, and the app's code. */

const fs = require('node:fs');
const path = require('node:path');
const { compile, rerunnable } = require('../node/modules.js');

/** The plugin's name towards its native half. */
const PLUGIN = 'Intercom';
/** Where the native halves name the methods that they give to the page. */
const METHODS = {
  android: /@PluginMethod\b(?:\([^)]*\))?\s+public\s+void\s+(\w+)/g,
  ios: /\bCAP_?Plugin_?Method\((?:name:\s*"(\w+)"|(\w+),)/gi,
};

const files = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(java|kt|swift|m)$/.test(entry.name))
  .map((entry) => fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), 'utf8'));

/** What the native half tells the page about itself, read from its source. */
function headers(folder, platform) {
  const found = files(path.join(folder, platform)).flatMap((text) => [...text.matchAll(METHODS[platform])]);
  return [{ name: PLUGIN, methods: found.map(([, name, other]) => ({ name: name ?? other, rtype: 'promise' })) }];
}

/** The classes of a browser that native-bridge.js looks up when it starts; cookies and HTTP stay as they are. */
const BROWSER = {
  Document: class { get cookie() { return ''; } },
  XMLHttpRequest: class {},
  prompt: () => 'false',
};
/** The ways of the platforms' web views: how the page posts a message, and how it gets a reply. */
const WEB_VIEWS = {
  android: (post) => ({ androidBridge: { postMessage: (text) => post(JSON.parse(text)) } }),
  ios: (post) => ({ webkit: { messageHandlers: { bridge: { postMessage: post } } } }),
  web: () => ({}),
};
function reply(message) {
  const { androidBridge, Capacitor } = globalThis;
  return androidBridge ? androidBridge.onmessage({ data: JSON.stringify(message) }) : Capacitor.fromNative(message);
}

/** A function that loads the page anew and gives the plugin as an app imports it. `post` gets the page's messages. */
function page({ folder, platform, core, android, plugins }, post) {
  const { console } = globalThis;
  const bridge = platform !== 'web' && compile(path.join(android, 'capacitor/src/main/assets/native-bridge.js'), []);
  const replaced = {};
  const loadCore = rerunnable(require.resolve(core), {});
  const loadPlugin = rerunnable(require.resolve(folder), replaced);
  return () => {
    for (const name of ['androidBridge', 'webkit', 'Capacitor', 'Ionic', 'cordova']) delete globalThis[name];
    Object.assign(globalThis, BROWSER, WEB_VIEWS[platform](post), { window: globalThis, console: { ...console } });
    if (bridge) {
      globalThis.Capacitor = { DEBUG: false, isLoggingEnabled: false, Plugins: {} };
      bridge();
      globalThis.Capacitor.PluginHeaders = plugins;
    }
    replaced['@capacitor/core'] = loadCore();
    return loadPlugin()[PLUGIN];
  };
}

module.exports = { PLUGIN, headers, page, reply };
