'use strict';

/**
 * An app over the package @intercom/intercom-react-native, whatever its native module is. What React Native itself
 * would be is replaced: it finds the native modules, and says on which platform the app runs.
 */

const path = require('node:path');
const { rerunnable } = require('../node/modules.js');
const { BUILDERS, PARAMETERS, TELLING, build, call, capabilities, find } = require('../node/guide.js');

/** The package's functions whose names are not the guide's. */
const FUNCTIONS = { unreadConversationCount: 'getUnreadConversationCount', sendPushToken: 'sendTokenToIntercom' };
const SPACES = { HOME: 'home', HELP_CENTER: 'helpCenter', MESSAGES: 'messages', TICKETS: 'tickets' };
const IntercomEventEmitter = {
  UNREAD_COUNT_CHANGE_NOTIFICATION: 'IntercomUnreadConversationCountDidChangeNotification',
  startEventListener() {},
  removeEventListener() {},
};

/** What the package requires as `react-native`. */
function reactNative(IntercomModule, platform) {
  const modules = { IntercomModule, IntercomEventEmitter };
  return {
    NativeModules: modules,
    Platform: { OS: platform, select: (choices) => choices[platform] ?? choices.native ?? choices.default },
    TurboModuleRegistry: { get: (name) => modules[name] ?? null, getEnforcing: (name) => modules[name] },
  };
}

/** What `serve` needs for the package in a folder, over this native module. */
function served(folder, platform, IntercomModule) {
  const home = path.resolve(folder);
  const { name, version } = require(path.join(home, 'package.json'));
  // Not by the package's name: Node.js would take the build that is no CommonJS.
  const start = rerunnable(require.resolve(home), { 'react-native': reactNative(IntercomModule, platform) });
  let app = start();

  function write(method, args) {
    if (method === 'presentSpace' && app.Space && find(SPACES, args[0])) return [app.Space[SPACES[args[0]]]];
    if (method === 'presentContent' && args.length) return [build(app.IntercomContent, args[0])];
    return args;
  }

  function run(method, args) {
    const result = call(app.default, FUNCTIONS[method] ?? method, write(method, args));
    // What has nothing to tell resolves with `true`, which tells no more than success does.
    if (TELLING.includes(method) || typeof result?.then !== 'function') return result;
    return result.then((value) => (value === true ? undefined : value));
  }

  function offers(method, argument) {
    if (typeof app.default[FUNCTIONS[method] ?? method] !== 'function') return false;
    if (method === 'presentSpace') return app.Space?.[SPACES[argument]] !== undefined;
    return method !== 'presentContent' || typeof app.IntercomContent?.[BUILDERS[argument][0]] === 'function';
  }

  return {
    binding: { name, version, platform, style: 'promises', capabilities: capabilities(offers) },
    methods: Object.fromEntries(Object.keys(PARAMETERS).map((method) => [method, (args) => run(method, args)])),
    reset() { app = start(); },
  };
}

module.exports = { served };
