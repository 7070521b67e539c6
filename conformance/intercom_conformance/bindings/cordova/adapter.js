'use strict';

/**
 * Runs the JavaScript of cordova-plugin-intercom as published, in Node.js: `node adapter.js FOLDER [ios]`.
 *
 * `cordova.exec` is replaced: it carries the actions to the kit, under the guide's names, and the SDK's values and
 * errors back as they are. The plugin's Java and Objective-C do not run: nothing is said of them.
 */
const { native, serve } = require('../node/wire.js');
const { renamed, served } = require('./calls.js');
const { describe, prepare } = require('./plugin.js');

const [folder, platform = 'android'] = process.argv.slice(2);
const plugin = describe(folder, platform);
const load = prepare(folder, plugin);

const content = (type) => ([id]) => ['presentContent', [{ type, id }]];
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
  displayHelpCenterCollections: ([of]) => (
    ['presentContent', [{ type: 'HELP_CENTER_COLLECTIONS', ids: of?.collectionIds }]]),
  hideMessenger: renamed('hideIntercom'),
  sendPushTokenToIntercom: renamed('sendPushToken'),
};

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

start();
serve({ ...served(plugin, platform), reset: start });
