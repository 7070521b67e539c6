'use strict';

/**
 * Stands for the script that the packages load from widget.intercom.io: what `window.Intercom` is told goes to the kit,
 * under the guide's names. Nothing is told back, as on the web. `loaded()` is a promise that no script is on its way,
 * of true if it had to wait, and `arrived()` that the next one, which nobody has asked for yet, has come.
 */

const { native } = require('../node/wire.js');
const { KEYS, attributes, isObject, meant } = require('./spelling.js');

const ADDRESS = 'https://widget.intercom.io/';
const { src } = Object.getOwnPropertyDescriptors(HTMLScriptElement.prototype);
const script = URL.createObjectURL(new Blob(['takeOver()'], { type: 'text/javascript' }));
let [loading, busy, coming] = [Promise.resolve(), false, () => {}];

const tell = (method, ...args) => { native(method, args).catch(() => {}); };

/** Some of the settings are calls of their own in the guide; what is left is about the user. */
function update(settings) {
  const given = isObject(settings) ? settings : {};
  if (given.hide_default_launcher !== undefined) {
    tell('setLauncherVisibility', meant(KEYS.hidden, given.hide_default_launcher));
  }
  if (given.vertical_padding !== undefined) tell('setBottomPadding', given.vertical_padding);
  const user = attributes(settings);
  if (settings !== undefined && !(isObject(user) && !Object.keys(user).length)) tell('updateUser', user);
}

const COMMANDS = {
  boot(settings) {
    const visitor = isObject(settings) && !('user_id' in settings || 'email' in settings);
    if (visitor) tell('loginUnidentifiedUser');
    else tell('loginUserWithUserAttributes', attributes(settings));
  },
  update,
  shutdown: () => tell('logout'),
  trackEvent: (...args) => tell('logEvent', ...args),
  show: () => tell('present'),
  hide: () => tell('hideIntercom'),
  showSpace: (space) => tell('presentSpace', meant(KEYS.spaces, space)),
  showMessages: () => tell('presentSpace', 'MESSAGES'),
  showNewMessage: (...args) => tell('presentMessageComposer', ...args),
  hideNotifications: (hidden) => tell('setInAppMessageVisibility', meant(KEYS.hidden, hidden)),
};
for (const [type, name] of Object.entries(KEYS.content)) COMMANDS[name] = (id) => tell('presentContent', { type, id });

/** What the script does first: it takes the place of the queue, serves it, and boots with the settings of the page. */
globalThis.takeOver = () => {
  const { q: queue = [] } = window.Intercom ?? {};
  window.Intercom = (command, ...args) => { if (Object.hasOwn(COMMANDS, command)) COMMANDS[command](...args); };
  if (window.intercomSettings?.app_id) window.Intercom('boot', window.intercomSettings);
  for (const args of queue) window.Intercom(...args);
  coming();
};

const arrived = () => new Promise((resolve) => { coming = resolve; });

Object.defineProperty(HTMLScriptElement.prototype, 'src', {
  ...src,
  set(address) {
    const replaced = String(address).startsWith(ADDRESS);
    if (replaced) {
      busy = true;
      const come = new Promise((resolve) => { this.onload = resolve; this.onerror = resolve; });
      loading = come.then(() => { busy = false; });
    }
    src.set.call(this, replaced ? script : address);
  },
});

async function loaded() {
  const waited = busy;
  await loading;
  return waited;
}

/** Makes the page new: what the packages leave in it is removed. */
function forget() {
  delete window.Intercom;
  delete window.intercomSettings;
  for (const element of document.querySelectorAll(`script[src="${script}"]`)) element.remove();
  localStorage.clear();
  sessionStorage.clear();
}

module.exports = { arrived, forget, loaded };
