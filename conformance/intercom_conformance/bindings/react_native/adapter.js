'use strict';

/**
 * Runs the package @intercom/intercom-react-native as published, in Node.js: `node adapter.js FOLDER [ios]`.
 *
 * Its JavaScript is the real one. What React Native and the native module below it would be is replaced: the module
 * answers as the package's Java and Objective-C do, `true` where the SDK has nothing to tell, and else the SDK's value
 * or an Error with the SDK's code and message.
 */

const path = require('node:path');
const { native, serve } = require('../node/wire.js');
const { rerunnable } = require('../node/modules.js');
const { BUILDERS, PARAMETERS, build, call, capabilities, find } = require('../node/guide.js');

const folder = path.resolve(process.argv[2]);
const platform = process.argv[3] ?? 'android';
const manifest = require(path.join(folder, 'package.json'));

/** The guide's names of what the native module calls otherwise. */
const NATIVE = {
  presentIntercom: 'present',
  presentIntercomSpace: 'presentSpace',
  getUnreadConversationCount: 'unreadConversationCount',
  sendTokenToIntercom: 'sendPushToken',
};
/** The package's functions whose names are not the guide's. */
const FUNCTIONS = { unreadConversationCount: 'getUnreadConversationCount', sendPushToken: 'sendTokenToIntercom' };
const SPACES = { HOME: 'home', HELP_CENTER: 'helpCenter', MESSAGES: 'messages', TICKETS: 'tickets' };
/** The functions that resolve with data; the others resolve with `true`, which tells no more than success does. */
const TELLING = ['unreadConversationCount', 'isUserLoggedIn', 'fetchLoggedInUserAttributes', 'fetchHelpCenterCollections',
  'fetchHelpCenterCollection', 'searchHelpCenter'];

const answered = (value) => (value === undefined ? true : value);
const bridge = (name) => (...args) => native(NATIVE[name] ?? name, args).then(answered);
const IntercomModule = new Proxy({}, { get: (_, name) => (typeof name === 'string' ? bridge(name) : undefined) });
const IntercomEventEmitter = {
  UNREAD_COUNT_CHANGE_NOTIFICATION: 'IntercomUnreadConversationCountDidChangeNotification',
  startEventListener() {},
  removeEventListener() {},
};
const modules = { IntercomModule, IntercomEventEmitter };
const reactNative = {
  NativeModules: modules,
  Platform: { OS: platform, select: (choices) => choices[platform] ?? choices.native ?? choices.default },
  TurboModuleRegistry: { get: (name) => modules[name] ?? null, getEnforcing: (name) => modules[name] },
};

/** The package as an app finds it after its start. Not by its name: Node.js would take the build that is no CommonJS. */
const start = rerunnable(require.resolve(folder), { 'react-native': reactNative });

let app = start();

function write(name, args) {
  if (name === 'presentSpace' && app.Space && find(SPACES, args[0])) return [app.Space[SPACES[args[0]]]];
  if (name === 'presentContent' && args.length) return [build(app.IntercomContent, args[0])];
  return args;
}

function run(name, args) {
  const result = call(app.default, FUNCTIONS[name] ?? name, write(name, args));
  if (TELLING.includes(name) || typeof result?.then !== 'function') return result;
  return result.then((value) => (value === true ? undefined : value));
}

function offers(name, argument) {
  if (typeof app.default[FUNCTIONS[name] ?? name] !== 'function') return false;
  if (name === 'presentSpace') return app.Space?.[SPACES[argument]] !== undefined;
  return name !== 'presentContent' || typeof app.IntercomContent?.[BUILDERS[argument][0]] === 'function';
}

serve({
  binding: {
    name: manifest.name, version: manifest.version, platform, style: 'promises', capabilities: capabilities(offers),
  },
  methods: Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, (args) => run(name, args)])),
  reset() { app = start(); },
});
