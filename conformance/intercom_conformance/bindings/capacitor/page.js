'use strict';

/** The page of a Capacitor app: what stands in it before the app's own code, and the app's code. */

const path = require('node:path');
const { compile, rerunnable } = require('../node/modules.js');

/** The plugin's name towards its native half. */
const PLUGIN = 'Intercom';
/** The classes of a browser that native-bridge.js looks up when it starts; cookies and HTTP stay as they are. */
const BROWSER = {
  Document: class { get cookie() { return ''; } },
  XMLHttpRequest: class {},
  prompt: () => 'false',
};
const asText = (post) => (message) => post(JSON.stringify(message));
/** How the platforms' web views take what the page posts: Android as text, iOS as it is. The web has no native half. */
const WEB_VIEWS = {
  android: (post) => ({ androidBridge: { postMessage: post } }),
  ios: (post) => ({ webkit: { messageHandlers: { bridge: { postMessage: asText(post) } } } }),
  web: () => ({}),
};

/** The native half answers a message, in the way of the platform's web view. */
function reply(text) {
  const { androidBridge, Capacitor } = globalThis;
  return androidBridge ? androidBridge.onmessage({ data: text }) : Capacitor.fromNative(JSON.parse(text));
}

/**
 * A function that loads the page anew and gives the plugin as an app imports it. `post` gets the text of what the page
 * posts; `announce` does what the native half does to tell the page of its plugins.
 */
function page({ folder, platform, core, android }, post, announce) {
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
      announce();
    }
    replaced['@capacitor/core'] = loadCore();
    return loadPlugin()[PLUGIN];
  };
}

/** The names of the methods that the native half has told the page of. */
function announced() {
  return (globalThis.Capacitor.PluginHeaders ?? []).flatMap(({ methods }) => methods.map(({ name }) => name));
}

module.exports = { PLUGIN, announced, page, reply };
