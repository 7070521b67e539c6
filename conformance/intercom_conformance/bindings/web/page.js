'use strict';

/**
 * Gives scripts in a page what they have in Node.js: files that require one another, and a process whose input and
 * output are the connection to the kit. `start(page)` runs the driver: `page.files` holds the texts by their paths,
 * `page.mains` the main files of packages, `page.entry` the driver's path, `page.socket` the kit's address.
 */

const channel = new MessageChannel();
const turns = [];
channel.port1.onmessage = () => turns.shift()();

/** The path of what a file requires. */
function resolved({ files, mains }, from, request) {
  const base = request.startsWith('.') ? new URL(request, `file:///${from}`).pathname.slice(1) : `npm/${request}`;
  const path = mains[base] ?? base;
  const found = [path, `${path}.js`, `${path}.json`, `${path}/index.js`].find((file) => Object.hasOwn(files, file));
  if (found === undefined) throw new Error(`${from} requires ${request}, which the page does not have`);
  return found;
}

/** What `process` is to a script: its streams are the connection. */
function processOf(socket, page) {
  const events = { uncaughtException: 'error', unhandledRejection: 'unhandledrejection' };
  const stdin = {
    setEncoding: () => stdin,
    on(event, handle) {
      if (event === 'data') socket.addEventListener('message', ({ data }) => handle(`${data}\n`));
      return stdin;
    },
  };
  return {
    argv: [page.entry, page.entry, ...page.arguments],
    env: { NODE_ENV: 'production' },
    stdin,
    stdout: { write(text, then) { socket.send(text.trimEnd()); then?.(); }, on() {} },
    stderr: { write() {} },
    on(event, handle) { addEventListener(events[event], (one) => handle(one.error ?? one.reason ?? one.message)); },
    exit: () => socket.close(),
  };
}

/** A function that loads files anew each time; `shared` are the modules that stay. */
function loader(page, process, shared) {
  const util = { format: (...args) => args.map(String).join(' '), inspect: (value) => String(value) };
  const setImmediate = (then) => { turns.push(then); channel.port2.postMessage(null); };
  return (entry, modules = new Map(shared)) => {
    const load = (file) => {
      if (modules.has(file)) return modules.get(file).exports;
      const module = { exports: {} };
      modules.set(file, module);
      if (file.endsWith('.json')) return (module.exports = JSON.parse(page.files[file]));
      const require = (request) => (request === 'node:util' ? util : load(resolved(page, file, request)));
      page.compiled[file] ??= new Function('exports', 'require', 'module', 'process', 'setImmediate', 'rerun',
        `${page.files[file]}\n//# sourceURL=${file}`);
      const rerun = (request, kept) => loader(page, process, kept.map((name) => {
        const path = resolved(page, file, name);
        return [path, { exports: load(path) }];
      }))(resolved(page, file, request));
      page.compiled[file](module.exports, require, module, process, setImmediate, rerun);
      return module.exports;
    };
    return load(entry);
  };
}

/** Connects to the kit, and runs the driver. */
function start(page) {
  const socket = new WebSocket(page.socket);
  socket.onopen = () => loader({ ...page, compiled: {} }, processOf(socket, page), [])(page.entry);
}
