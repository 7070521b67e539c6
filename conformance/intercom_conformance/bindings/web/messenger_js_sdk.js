'use strict';

/**
 * Runs @intercom/messenger-js-sdk as published, in a browser. The script that it loads from widget.intercom.io is
 * replaced (`messenger.js`). The first login is the package's main function, which starts the messenger; later ones
 * are `boot`.
 */

const { run } = require('./app.js');
const { forget, loaded } = require('./messenger.js');
const { settings } = require('./spelling.js');
const manifest = require('@intercom/messenger-js-sdk/package.json');

let [sdk, begun] = [null, false];

function login(user) {
  const start = begun ? sdk.boot : sdk.Intercom;
  begun = true;
  start({ app_id: 'app', ...user });
}

run(manifest, {
  sdk: () => sdk,
  login,
  attributes: settings,
  settings: { launcher: 'hide_default_launcher', padding: 'vertical_padding' },
  async reset() {
    await loaded();
    forget();
    [sdk, begun] = [rerun('@intercom/messenger-js-sdk', []), false];
  },
});
