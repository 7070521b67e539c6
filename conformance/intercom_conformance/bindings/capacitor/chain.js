'use strict';

/**
 * Runs the whole of @capacitor-community/intercom on Android:
 * `node chain.js FOLDER CORE ANDROID JAVA_COMMAND`, with the folders of @capacitor/core and @capacitor/android.
 *
 * Real are the plugin's JavaScript and Java and Capacitor's, which also writes the script that tells the page of the
 * plugin. Replaced is the web view between them: it hands over texts.
 */
const vm = require('node:vm');
const { serve } = require('../node/wire.js');
const { launch } = require('../node/jvm.js');
const { served } = require('./calls.js');
const { announced, page, reply } = require('./page.js');

const [folder, core, android, command] = process.argv.slice(2);
const jvm = launch(JSON.parse(command));
let script;
let app;

const post = (text) => { jvm.call('post', [text], (kind, answer) => reply(answer)); };
const load = page({ folder, platform: 'android', core, android }, post, () => script.runInThisContext());

/** The app after its start: nothing is left of an earlier run. */
async function start() {
  await jvm.reset();
  app = load();
}

async function main() {
  const { silent } = await jvm.initialize();
  await jvm.reset();
  await jvm.call('script', [], (kind, text) => { script = new vm.Script(text); });
  await start();
  const { binding, methods } = served(folder, 'android', announced(), () => app);
  serve({ binding: { ...binding, silent }, methods, reset: start, idle: jvm.idle });
}

main();
