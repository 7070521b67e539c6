'use strict';

/**
 * Runs react-use-intercom as published, in a browser and with the real React. The script that it loads from
 * widget.intercom.io is replaced (`messenger.js`). The app is one component below the package's provider, and calls
 * what its hook gives.
 */

const { createElement } = require('react');
const { createRoot } = require('react-dom/client');
const { flushSync } = require('react-dom');
const { run } = require('./app.js');
const { arrived, forget, loaded } = require('./messenger.js');
const { props } = require('./spelling.js');
const manifest = require('react-use-intercom/package.json');

let [root, intercom] = [null, null];

/** Mounts a freshly loaded package; the messenger's script follows in a task of its own. */
async function mount() {
  const { IntercomProvider, useIntercom } = rerun('react-use-intercom', ['react']);
  const App = () => { intercom = useIntercom(); return null; };
  root = createRoot(document.body.appendChild(document.createElement('div')));
  flushSync(() => root.render(createElement(IntercomProvider, { appId: 'app' }, createElement(App))));
  await arrived();
}

run(manifest, {
  sdk: () => intercom,
  login: (user) => intercom.boot(...(user === undefined ? [] : [user])),
  attributes: props,
  settings: { launcher: 'hideDefaultLauncher', padding: 'verticalPadding' },
  async reset() {
    await loaded();
    if (root) flushSync(() => root.unmount());
    document.body.replaceChildren();
    forget();
    await mount();
  },
});
