'use strict';

/**
 * What stands below the plugin's JavaScript where no Java runs: a `cordova.exec` that carries the actions to the kit,
 * under the guide's names, and the SDK's values and errors back as they are.
 */
const { native } = require('../node/wire.js');
const { renamed } = require('./calls.js');
const { prepare } = require('./plugin.js');

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

function toKit(success, error, service, action, args) {
  const [method, given] = (ACTIONS[action] ?? renamed(action))(JSON.parse(JSON.stringify(args ?? [])));
  native(method, given).then(
    (value) => success?.(...(value === undefined ? [] : [value])),
    ({ code, message }) => error?.({ code, message }),
  );
}

/** A function that starts the app anew, with the plugin's globals: nothing is left of an earlier run. */
function starter(folder, plugin, platform, exec = toKit) {
  const load = prepare(folder, plugin);
  return () => {
    globalThis.window = globalThis;
    globalThis.cordova = { exec, platformId: platform };
    load({ cordova: globalThis.cordova, 'cordova/exec': exec });
  };
}

module.exports = { starter };
