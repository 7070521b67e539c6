'use strict';

/**
 * Takes the place of cordova-plugin-intercom in tests: `install(window)` puts `intercom` and `intercomContent` there,
 * as the plugin does, with the behaviour of the specification behind them. `fake` is for the test.
 */
const { Fake, machine } = require('./lib/fake.js');

const fake = new Fake();
const SPACE = { Home: 'HOME', HelpCenter: 'HELP_CENTER', Messages: 'MESSAGES', Tickets: 'TICKETS' };
const withId = (type) => (id) => ({ type, id });
const intercomContent = {
  articleWithArticleId: withId('ARTICLE'),
  carouselWithCarouselId: withId('CAROUSEL'),
  surveyWithSurveyId: withId('SURVEY'),
  helpCenterCollectionsWithIds: (ids) => ({ type: 'HELP_CENTER_COLLECTIONS', ids }),
  conversationWithConversationId: withId('CONVERSATION'),
};

/** Functions that apps still call, beside the aliases of the API, with the guide's function and what it is given. */
const OLDER = {
  displayMessageComposer: [0, () => ['presentMessageComposer', []]],
  displayHelpCenter: [0, () => ['presentSpace', [SPACE.HelpCenter]]],
  displayConversationsList: [0, () => ['presentSpace', [SPACE.Messages]]],
  displayHelpCenterCollections: [1, ([ids]) => [
    'presentContent', [intercomContent.helpCenterCollectionsWithIds(Array.isArray(ids) ? ids : ids?.collectionIds)]]],
  displayCarousel: [1, ([id]) => ['presentContent', [intercomContent.carouselWithCarouselId(id)]]],
  displayArticle: [1, ([id]) => ['presentContent', [intercomContent.articleWithArticleId(id)]]],
  displaySurvey: [1, ([id]) => ['presentContent', [intercomContent.surveyWithSurveyId(id)]]],
  setSecureMode: [2, ([hash]) => ['setUserHash', [hash]]],
  hideMessenger: [0, () => ['hideIntercom', []]],
};

/** An error as the plugin reports it: text on Android, a number on iOS. */
const reported = ({ code, message }) => (fake.platform === 'ios' ? code : `${code} : ${message}`);
/** Callbacks come after the call has returned, as over the bridge; what is no function is nobody. */
const later = (callback, ...given) => {
  if (typeof callback === 'function') Promise.resolve().then(() => callback(...given));
};

/** Calls the guide's function for one of the plugin; what succeeded at once is returned where the API returns it. */
function run(name, target, given, success, error) {
  const settle = {
    success: (...value) => later(success, ...value),
    error: (problem) => later(error, reported(problem)),
  };
  const entry = fake.call(target, given, (kind, ...value) => settle[kind](...value), name);
  return machine.methods[target].returned && entry.outcome === 'success' ? entry.value : undefined;
}

const method = (name, target, count) => (...given) => run(name, target, given.slice(0, count), ...given.slice(count));
const warned = (name, target, act) => (...given) => {
  const result = act(...given);
  console.warn(`intercom.${name} is deprecated. Call intercom.${target}.`);
  return result;
};

function alias(name, target) {
  const act = method(name, target, machine.methods[target].parameters.length);
  return machine.deprecated.includes(name) ? warned(name, target, act) : act;
}

function older(name) {
  const [count, translate] = OLDER[name];
  return (...given) => {
    const [target, made] = translate(given);
    return warned(name, target, () => run(name, target, made, ...given.slice(count)))();
  };
}

const entries = (names, make) => Object.fromEntries(names.map((name) => [name, make(name)]));
const intercom = {
  ...entries(Object.keys(machine.methods), (name) => method(name, name, machine.methods[name].parameters.length)),
  ...entries(Object.keys(machine.aliases), (name) => alias(name, machine.aliases[name])),
  ...entries(Object.keys(OLDER), older),
  registerForPush(success) {
    fake.calls.push({ method: 'registerForPush', arguments: [], outcome: 'success' });
    later(success);
  },
  space: { ...SPACE },
  VISIBLE: 'VISIBLE',
  GONE: 'GONE',
};

/** Puts the plugin's two globals into a window; gives a function that takes them away again. */
function install(target = globalThis) {
  const before = { intercom: target.intercom, intercomContent: target.intercomContent };
  Object.assign(target, { intercom, intercomContent });
  return () => Object.assign(target, before);
}

module.exports = { fake, install, intercom, intercomContent };
