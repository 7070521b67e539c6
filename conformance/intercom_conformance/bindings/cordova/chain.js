'use strict';

/**
 * Runs the whole of cordova-plugin-intercom on Android: `node chain.js FOLDER CORDOVA_JS JAVA_COMMAND`.
 *
 * Real are the plugin's JavaScript, Cordova's own (CORDOVA_JS, of cordova-android), and below them the Java of both.
 * Replaced is the web view between them: the page's few DOM objects, and the object `_cordovaNative`, whose `exec` is
 * asynchronous here, so that the messages it would have returned are fetched as soon as they are there.
 */
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { serve } = require('../node/wire.js');
const { launch } = require('../node/jvm.js');
const { compile } = require('../node/modules.js');
const { served } = require('./calls.js');
const { describe, forget } = require('./plugin.js');

const [folder, host, command] = process.argv.slice(2);
const plugin = describe(folder, 'android');
const cordovaJs = new vm.Script(fs.readFileSync(host, 'utf8'), { filename: host });
const scripts = plugin.modules.map(({ src }) => compile(path.resolve(folder, src), ['require', 'exports', 'module']));
const jvm = launch(JSON.parse(command));
/** Cordova's name for messages that the native side evaluates in the page. */
const EVAL_BRIDGE = 'gap_init:3';

/** As much of a web view as cordova.js needs: events, and the native side's two doors. */
function open() {
  const listeners = {};
  const messages = [];
  const addEventListener = (name, listener) => (listeners[name] ??= []).push(listener);
  const fetchMessages = (text) => {
    messages.push(text);
    for (const listener of listeners.online) listener({ type: 'online' });
  };
  const hear = (kind, text) => (kind === 'returned' ? fetchMessages(text) : vm.runInThisContext(text));
  Object.assign(globalThis, {
    window: globalThis,
    addEventListener,
    removeEventListener() {},
    HTMLElement: class HTMLElement {},
    document: {
      readyState: 'complete',
      addEventListener,
      removeEventListener() {},
      createEvent: () => ({ initEvent() {} }),
      dispatchEvent() {},
      getElementsByTagName: () => [],
    },
    navigator: {},
    prompt: (text, request) => { if (request === EVAL_BRIDGE) return '1'; throw new Error(`prompt: ${request}`); },
    _cordovaNative: {
      exec: (secret, ...given) => { jvm.call('exec', given, hear); },
      retrieveJsMessages: () => messages.shift(),
    },
  });
}

/** The modules as `cordova prepare` writes them into an app. */
function definePlugin({ define }) {
  const list = plugin.modules.map(({ name, src, clobbers, merges }) => (
    { id: `${plugin.id}.${name}`, file: src, pluginId: plugin.id, clobbers, merges }));
  define('cordova/plugin_list', (require, exports, module) => { module.exports = list; });
  list.forEach(({ id }, index) => define(id, scripts[index]));
}

/** The app after its start, up to `deviceready`: nothing is left of an earlier run. */
async function start() {
  await jvm.reset();
  for (const target of plugin.modules.flatMap(({ clobbers, merges }) => [...clobbers, ...merges])) forget(target);
  delete globalThis.cordova;
  open();
  cordovaJs.runInThisContext();
  definePlugin(globalThis.cordova);
  await new Promise((ready) => { document.addEventListener('deviceready', ready, false); });
}

async function main() {
  const { silent } = await jvm.initialize();
  await start();
  const { binding, methods } = served(plugin, 'android');
  serve({ binding: { ...binding, silent }, methods, reset: start, idle: jvm.idle });
}

main();
