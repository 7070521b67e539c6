'use strict';

/**
 * What the adapters know of the API, whatever the binding: how an app that follows the guide writes a call.
 * The tests compare these tables with the specification.
 */

/** How many parameters stand before the callbacks, by the names of the methods and of their aliases. */
const PARAMETERS = {
  loginUnidentifiedUser: 1, loginUserWithUserAttributes: 1, logout: 0, setUserHash: 1, updateUser: 1, logEvent: 2,
  present: 0, presentSpace: 1, presentContent: 1, presentMessageComposer: 1, unreadConversationCount: 0,
  setLauncherVisibility: 1, setBottomPadding: 1, setInAppMessageVisibility: 1, hideIntercom: 0, sendPushToken: 1,
  isUserLoggedIn: 0, fetchLoggedInUserAttributes: 0, fetchHelpCenterCollections: 0, fetchHelpCenterCollection: 1,
  searchHelpCenter: 1,
  registerUnidentifiedUser: 1, registerIdentifiedUser: 1, reset: 0, displayMessenger: 0,
  displayMessageComposerWithInitialMessage: 1, sendPushTokenToIntercom: 1, sendTokenToIntercom: 1,
};

/** Which function builds a type of content, and from which key of the content as the kit writes it. */
const BUILDERS = {
  ARTICLE: ['articleWithArticleId', 'id'],
  CAROUSEL: ['carouselWithCarouselId', 'id'],
  SURVEY: ['surveyWithSurveyId', 'id'],
  CONVERSATION: ['conversationWithConversationId', 'id'],
  HELP_CENTER_COLLECTIONS: ['helpCenterCollectionsWithIds', 'ids'],
};

/** The methods that a capability stands for, each with the one argument it is about, if it is about one. */
const CAPABILITIES = {
  session: [['loginUnidentifiedUser'], ['loginUserWithUserAttributes'], ['logout']],
  'login-attributes': [['loginUserWithUserAttributes', 'attributes']],
  'user-hash': [['setUserHash']],
  'is-user-logged-in': [['isUserLoggedIn']],
  'fetch-attributes': [['fetchLoggedInUserAttributes']],
  'update-user': [['updateUser']],
  'custom-attributes': [['updateUser']],
  companies: [['updateUser']],
  'log-event': [['logEvent']],
  'event-metadata': [['logEvent']],
  'push-token': [['sendPushToken']],
  present: [['present']],
  'space-home': [['presentSpace', 'HOME']],
  'space-help-center': [['presentSpace', 'HELP_CENTER']],
  'space-messages': [['presentSpace', 'MESSAGES']],
  'space-tickets': [['presentSpace', 'TICKETS']],
  'content-article': [['presentContent', 'ARTICLE']],
  'content-carousel': [['presentContent', 'CAROUSEL']],
  'content-survey': [['presentContent', 'SURVEY']],
  'content-conversation': [['presentContent', 'CONVERSATION']],
  'content-help-center-collections': [['presentContent', 'HELP_CENTER_COLLECTIONS']],
  'message-composer': [['presentMessageComposer']],
  hide: [['hideIntercom']],
  'launcher-visibility': [['setLauncherVisibility']],
  'in-app-visibility': [['setInAppMessageVisibility']],
  'bottom-padding': [['setBottomPadding']],
  'unread-count': [['unreadConversationCount']],
  aliases: [['registerUnidentifiedUser'], ['registerIdentifiedUser'], ['reset'], ['displayMessenger'],
    ['displayMessageComposerWithInitialMessage'], ['sendPushTokenToIntercom'], ['sendTokenToIntercom']],
  'missing-arguments': [],
  'help-center-data': [['fetchHelpCenterCollections'], ['fetchHelpCenterCollection'], ['searchHelpCenter']],
};

/** The capabilities all of whose methods the binding offers: `offers(method, argument)`. */
function capabilities(offers) {
  return Object.keys(CAPABILITIES).filter((name) => CAPABILITIES[name].every((use) => offers(...use)));
}

/** The entry of a table for a value of any kind; undefined if there is none. */
function find(table, key) {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Calls a function of the binding; one that is not there throws what JavaScript throws then. */
function call(binding, name, args) {
  if (typeof binding?.[name] !== 'function') throw new TypeError(`${name} is not a function`);
  return binding[name](...args);
}

/** The content as an app gets it from the binding's builders; what no builder could have made stays as it is. */
function build(builders, content) {
  const [builder, key] = find(BUILDERS, content?.type) ?? [];
  const buildable = builder && Object.keys(content).every((name) => ['type', key].includes(name));
  return buildable ? builders[builder](content[key]) : content;
}

module.exports = { BUILDERS, CAPABILITIES, PARAMETERS, build, call, capabilities, find };
