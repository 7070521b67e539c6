'use strict';

/**
 * Takes the place of @intercom/intercom-react-native in tests: the same names, with the behaviour of the specification
 * behind them. `fake` is for the test.
 */
const { Fake } = require('./lib/fake.js');

const fake = new Fake();
const mirrored = (...names) => Object.fromEntries(names.map((name) => [name, name]));
const Visibility = mirrored('GONE', 'VISIBLE');
const LogLevel = mirrored('ASSERT', 'DEBUG', 'DISABLED', 'ERROR', 'INFO', 'VERBOSE', 'WARN');
const ThemeMode = mirrored('LIGHT', 'DARK', 'SYSTEM');
const Space = { home: 'HOME', helpCenter: 'HELP_CENTER', messages: 'MESSAGES', tickets: 'TICKETS' };
const ProactiveContentType = { Carousel: 'CAROUSEL', Survey: 'SURVEY' };
const ContentType = {
  Article: 'ARTICLE',
  Carousel: 'CAROUSEL',
  Survey: 'SURVEY',
  HelpCenterCollections: 'HELP_CENTER_COLLECTIONS',
  Conversation: 'CONVERSATION',
};
const IntercomEvents = {
  IntercomUnreadCountDidChange: 'IntercomUnreadConversationCountDidChangeNotification',
  IntercomWindowDidHide: 'IntercomWindowDidHideNotification',
  IntercomWindowDidShow: 'IntercomWindowDidShowNotification',
  IntercomHelpCenterWindowDidShow: 'IntercomWindowDidShowNotification',
  IntercomHelpCenterWindowDidHide: 'IntercomWindowDidHideNotification',
};
const withId = (type) => (id) => ({ type, id });
const IntercomContent = {
  articleWithArticleId: withId(ContentType.Article),
  carouselWithCarouselId: withId(ContentType.Carousel),
  surveyWithSurveyId: withId(ContentType.Survey),
  helpCenterCollectionsWithIds: (ids) => ({ type: ContentType.HelpCenterCollections, ids }),
  conversationWithConversationId: withId(ContentType.Conversation),
};

/** The guide's name of what the package calls otherwise. */
const GUIDE = { getUnreadConversationCount: 'unreadConversationCount', sendTokenToIntercom: 'sendPushToken' };
/** What the package has and the specification does not speak of: it succeeds, and `fake.calls` tells of it. */
const UNSPECIFIED = [
  'initialize', 'suppressProactiveContent', 'setNeedsStatusBarAppearanceUpdate', 'setLogLevel', 'setThemeMode',
  'setUserJwt', 'setAuthTokens',
];
const SPECIFIED = [
  'loginUnidentifiedUser', 'loginUserWithUserAttributes', 'logout', 'setUserHash', 'updateUser', 'isUserLoggedIn',
  'fetchLoggedInUserAttributes', 'logEvent', 'present', 'presentSpace', 'presentContent', 'presentMessageComposer',
  'fetchHelpCenterCollections', 'fetchHelpCenterCollection', 'searchHelpCenter', 'getUnreadConversationCount',
  'hideIntercom', 'setBottomPadding', 'setInAppMessageVisibility', 'setLauncherVisibility', 'sendTokenToIntercom',
];

/** An error as React Native makes one of a rejection below: its code is text. */
const rejection = ({ code, message }) => Object.assign(new Error(message), { code: String(code) });

/** What the package calls otherwise in a result. */
const RESULTS = { searchHelpCenter: (articles) => articles.map(({ articleId: id, ...rest }) => ({ id, ...rest })) };
const shown = (name, value) => (RESULTS[name] ?? ((given) => given))(value);

/** A function of the package: what has nothing to tell resolves with true, as there. */
const specified = (name) => (...given) => new Promise((resolve, reject) => {
  const settle = { success: (value = true) => resolve(shown(name, value)), error: (error) => reject(rejection(error)) };
  fake.call(GUIDE[name] ?? name, given, (kind, ...value) => settle[kind](...value), name);
});
const unspecified = (name) => async (...given) => {
  fake.calls.push({ method: name, arguments: given, outcome: 'success' });
  return true;
};

const Intercom = {
  ...Object.fromEntries(SPECIFIED.map((name) => [name, specified(name)])),
  ...Object.fromEntries(UNSPECIFIED.map((name) => [name, unspecified(name)])),
  bootstrapEventListeners: () => () => {},
};

/** The events of the package, by what the fake tells. */
const HEARD = {
  unread: IntercomEvents.IntercomUnreadCountDidChange,
  show: IntercomEvents.IntercomWindowDidShow,
  hide: IntercomEvents.IntercomWindowDidHide,
};
/** What an app's NativeEventEmitter would give it: `events.addListener(IntercomEvents.…, listener)`. */
const events = {
  addListener(event, listener) {
    const remove = fake.listen((kind, count) => {
      if (HEARD[kind] === event) listener(kind === 'unread' ? { count } : {});
    });
    return { remove };
  },
};

module.exports = {
  __esModule: true,
  default: Intercom,
  ContentType,
  IntercomContent,
  IntercomEvents,
  LogLevel,
  ProactiveContentType,
  Space,
  ThemeMode,
  Visibility,
  events,
  fake,
};
