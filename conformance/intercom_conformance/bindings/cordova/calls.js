'use strict';

/**
 * How an app calls cordova-plugin-intercom: the guide's own function if the version has it, or else the older one that
 * an app would have used. Where there is neither, the app calls what is not there, and gets a TypeError.
 */
const { BUILDERS, PARAMETERS, TELLING, build, call, capabilities, find } = require('../node/guide.js');

const renamed = (name) => (args) => [name, args];
/** The older functions, with what an app hands to them. */
const OLDER = {
  loginUserWithUserAttributes: renamed('registerIdentifiedUser'),
  loginUnidentifiedUser: renamed('registerUnidentifiedUser'),
  present: renamed('displayMessenger'),
  sendPushToken: renamed('sendPushTokenToIntercom'),
  hideIntercom: renamed('hideMessenger'),
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

/** How calls of the guide become calls of the object that `target` gives. */
function caller(target) {
  const has = (name) => typeof target()?.[name] === 'function';

  /** The object's function for a call of the guide, and the arguments as an app writes them. */
  function route(name, args) {
    if (!has(name)) return OLDER[name]?.(args) ?? [name, args];
    const { intercomContent } = globalThis;
    if (name === 'presentContent' && intercomContent && args.length) return [name, [build(intercomContent, args[0])]];
    const space = name === 'presentSpace' && find(SPACES, args[0]);
    return [name, space ? [target().space[space]] : args];
  }

  /** Whether there is a function for the call. The login takes two keys: the platforms read no others. */
  function offers(name, argument) {
    if (argument === 'attributes') return false;
    if (!has(name)) return has((OLDER[name]?.([name === 'presentContent' ? { type: argument } : argument]) ?? [])[0]);
    if (name === 'presentSpace' && target().space) return SPACES[argument] in target().space;
    return name !== 'presentContent' || typeof globalThis.intercomContent?.[BUILDERS[argument][0]] === 'function';
  }

  return { route, offers };
}

const { route, offers } = caller(() => globalThis.intercom);

/** What Cordova itself brings where a plugin has nothing to tell: it tells no more than success does. */
const NOTHING = { android: 'OK', ios: null };
const told = (name, value, nothing) => (value === nothing && !TELLING.includes(name) ? undefined : value);

function run(platform, name, args, { success, error }) {
  const heard = success && ((value) => success(told(name, value, NOTHING[platform])));
  const [called, given] = route(name, args);
  const missing = Math.max(0, (PARAMETERS[called] ?? 0) - given.length);
  return call(globalThis.intercom, called, [...given, ...Array(missing).fill(undefined), heard, error]);
}

/** What `serve` has to know of the plugin, once its globals are there. */
const served = ({ id, version }, platform) => ({
  binding: { name: id, version, platform, capabilities: ['callbacks', ...capabilities(offers)] },
  methods: Object.fromEntries(
    Object.keys(PARAMETERS).map((name) => [name, (...given) => run(platform, name, ...given)]),
  ),
});

module.exports = { caller, renamed, served };
