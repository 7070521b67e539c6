'use strict';

/**
 * Runs the JavaScript of cordova-plugin-intercom as published, in Node.js: `node adapter.js FOLDER [ios]`.
 *
 * `cordova.exec` is replaced: it carries the actions to the kit, under the guide's names, and the SDK's values and
 * errors back as they are. The plugin's Java and Objective-C do not run: nothing is said of them. A call goes to the
 * guide's own function if the version has it, or else to the older one that an app would have used. Where there is
 * neither, the app calls what is not there, and gets a TypeError.
 */
const { native, serve } = require('../node/wire.js');
const { BUILDERS, PARAMETERS, build, call, capabilities, find } = require('../node/guide.js');
const { describe, prepare } = require('./plugin.js');

const [folder, platform = 'android'] = process.argv.slice(2);
const plugin = describe(folder, platform);
const load = prepare(folder, plugin);

const content = (type) => ([id]) => ['presentContent', [{ type, id }]];
const renamed = (name) => (args) => [name, args];
/** The guide's call for each action that has another name, by what the plugin's Java and Objective-C call for it. */
const ACTIONS = {
  registerIdentifiedUser: renamed('loginUserWithUserAttributes'),
  registerUnidentifiedUser: renamed('loginUnidentifiedUser'),
  displayMessenger: renamed('present'),
  presentIntercomSpace: renamed('presentSpace'),
  displayHelpCenter: () => ['presentSpace', ['HELP_CENTER']],
  displayMessageComposer: renamed('presentMessageComposer'),
  displayMessageComposerWithInitialMessage: renamed('presentMessageComposer'),
  displayArticle: content('ARTICLE'),
  displayCarousel: content('CAROUSEL'),
  displaySurvey: content('SURVEY'),
  displayHelpCenterCollections: ([of]) => ['presentContent', [{ type: 'HELP_CENTER_COLLECTIONS', ids: of?.collectionIds }]],
  sendPushTokenToIntercom: renamed('sendPushToken'),
};
/** The older functions, with what an app hands to them. */
const OLDER = {
  loginUserWithUserAttributes: renamed('registerIdentifiedUser'),
  loginUnidentifiedUser: renamed('registerUnidentifiedUser'),
  present: renamed('displayMessenger'),
  sendPushToken: renamed('sendPushTokenToIntercom'),
  presentMessageComposer: (args) => [`displayMessageComposer${args.length ? 'WithInitialMessage' : ''}`, args],
  presentSpace: ([space]) => (space === 'HELP_CENTER' ? ['displayHelpCenter', []] : undefined),
  presentContent: ([given]) => find({
    ARTICLE: ['displayArticle', [given?.id]],
    CAROUSEL: ['displayCarousel', [given?.id]],
    SURVEY: ['displaySurvey', [given?.id]],
    HELP_CENTER_COLLECTIONS: ['displayHelpCenterCollections', [{ collectionIds: given?.ids }]],
  }, given?.type),
};
const SPACES = { HOME: 'Home', HELP_CENTER: 'HelpCenter', MESSAGES: 'Messages', TICKETS: 'Tickets' };

function exec(success, error, service, action, args) {
  const [method, given] = (ACTIONS[action] ?? renamed(action))(JSON.parse(JSON.stringify(args ?? [])));
  native(method, given).then(
    (value) => success?.(...(value === undefined ? [] : [value])),
    ({ code, message }) => error?.({ code, message }),
  );
}

/** The app after its start, with the plugin's globals: nothing is left of an earlier run. */
function start() {
  globalThis.window = globalThis;
  globalThis.cordova = { exec, platformId: platform };
  load({ cordova: globalThis.cordova, 'cordova/exec': exec });
}

const has = (name) => typeof globalThis.intercom?.[name] === 'function';

/** The plugin's function for a call of the guide, and the arguments as an app writes them. */
function route(name, args) {
  if (!has(name)) return OLDER[name]?.(args) ?? [name, args];
  const { intercom, intercomContent } = globalThis;
  if (name === 'presentContent' && intercomContent && args.length) return [name, [build(intercomContent, args[0])]];
  const space = name === 'presentSpace' && find(SPACES, args[0]);
  return [name, space ? [intercom.space[space]] : args];
}

function run(name, args, { success, error }) {
  const [called, given] = route(name, args);
  const missing = Math.max(0, (PARAMETERS[called] ?? 0) - given.length);
  return call(globalThis.intercom, called, [...given, ...Array(missing).fill(undefined), success, error]);
}

/** Whether this version has a function for the call. Its login takes no further attributes: the platforms read two keys. */
function offers(name, argument) {
  if (argument === 'attributes') return false;
  if (!has(name)) return has((OLDER[name]?.([name === 'presentContent' ? { type: argument } : argument]) ?? [])[0]);
  if (name === 'presentSpace' && globalThis.intercom.space) return SPACES[argument] in globalThis.intercom.space;
  return name !== 'presentContent' || typeof globalThis.intercomContent?.[BUILDERS[argument][0]] === 'function';
}

start();
serve({
  binding: { name: plugin.id, version: plugin.version, platform, capabilities: ['callbacks', ...capabilities(offers)] },
  methods: Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, (...given) => run(name, ...given)])),
  reset: start,
});
