'use strict';

/**
 * The app of the web's adapters: how it writes the guide's calls. The packages have the messenger's own functions,
 * under the same names, and nothing is told back by any: style none.
 */

const { serve } = require('../node/wire.js');
const { capabilities } = require('../node/guide.js');
const { KEYS, identified, isObject, refuse, word } = require('./spelling.js');
const { loaded } = require('./messenger.js');

/** The function that opens a type of content, and its id; no other content can be opened. */
function opener(content) {
  const known = isObject(content) && Object.keys(content).every((key) => ['type', 'id'].includes(key));
  return known && Object.hasOwn(KEYS.content, content.type) ? KEYS.content[content.type] : refuse('such content');
}

/** Whether the app may be a visitor's: on the web, `shutdown` ends that too, which the kit's SDK does not play. */
let visitor = false;

/** `sdk()` gives the functions, `login` logs in, `attributes` writes what is known of a user, `settings` name keys. */
function methods({ sdk, login, attributes, settings }) {
  return {
    loginUnidentifiedUser() { visitor = true; login(); },
    loginUserWithUserAttributes: ([user]) => login(attributes(identified(user))),
    logout: () => (visitor ? refuse('that a visitor logs out') : sdk().shutdown()),
    updateUser: (args) => sdk().update(...args.map((user) => attributes(user))),
    logEvent: (args) => sdk().trackEvent(...args),
    present: () => sdk().show(),
    presentSpace: ([space]) => sdk().showSpace(word(KEYS.spaces, space)),
    presentContent: ([content]) => sdk()[opener(content)](content.id),
    presentMessageComposer: (args) => sdk().showNewMessage(...args),
    setLauncherVisibility: ([visibility]) => sdk().update({ [settings.launcher]: word(KEYS.hidden, visibility) }),
    setBottomPadding: ([padding]) => sdk().update({ [settings.padding]: padding }),
    setInAppMessageVisibility: ([visibility]) => sdk().hideNotifications(word(KEYS.hidden, visibility)),
    hideIntercom: () => sdk().hide(),
  };
}

const TABLES = { presentSpace: KEYS.spaces, presentContent: KEYS.content };

/** Serves the app on a package, whose manifest is given; `reset` opens its page anew. */
function run({ name, version }, { reset, ...app }) {
  const served = methods(app);
  const offers = (method, argument) => method in served && (!(method in TABLES) || argument in TABLES[method]);
  const binding = { name, version, platform: 'web', style: 'none', capabilities: capabilities(offers) };
  serve({ binding, methods: served, reset() { visitor = false; return reset(); }, idle: loaded });
}

module.exports = { run };
