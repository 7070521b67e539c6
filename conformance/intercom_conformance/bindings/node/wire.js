'use strict';

/**
 * The driver's side of the wire, for a binding that runs in Node.js. Copy this file next to your driver:
 *   const { native, serve } = require('./wire.js');
 *   serve({
 *     binding: { name: 'my-sdk', version: '1.0.0', platform: 'android', style: 'callbacks', capabilities: ['session'] },
 *     methods: { logout: (args, { success, error }) => sdk.logout(success, error) },
 *     reset() { sdk = createSdk({ bridge: native }); },
 *   });
 * The kit calls `methods` by the guide's names; `success` and `error` are null where the app gives none. With style
 * 'promises' return the promise instead; with 'none' both are null. The bridge below your binding calls
 * `native(method, args)`, a promise of the native SDK's answer. `reset` is a freshly installed app. A self-contained SDK
 * has no bridge; it may offer `advance(seconds)`, `environment(event, args)` and `observe()`. One with timers gives
 * `idle()`, a promise that none is pending; of true, if it had to wait. Require this file first: stdout belongs to the
 * protocol, what others print goes to the log.
 */
const { format, inspect } = require('node:util');
const LEVELS = { debug: 'debug', log: 'info', info: 'info', warn: 'warning', error: 'error' };
/** A method throws this to say that no app can write the call in the binding's API: it is left out as unsupported. */
class Unwritable extends Error {}

const awaiting = new Map(); // id -> what finishes a native request that awaits the kit's immediate reply
const held = new Map(); // ticket -> what finishes a native request that the kit answers later, or never
const postponed = []; // native requests made while the kit was not listening
let [driver, reaction, serving, installation, requests, replied] = [null, { settled: [] }, false, 0, 0, () => {}];

const write = process.stdout.write.bind(process.stdout);
const send = (message, then) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`, then);
const log = (level, ...args) => send({ method: 'log', params: { level, message: format(...args) } });
process.stdout.write = process.stderr.write.bind(process.stderr);
for (const [name, level] of Object.entries(LEVELS)) console[name] = (...args) => log(level, ...args);

/** What JSON cannot carry becomes visible instead of vanishing; only undefined vanishes, as JSON has it. */
function carried(key, value) {
  if (value instanceof Error) return { code: value.code, message: value.message };
  const lost = ['function', 'symbol', 'bigint'].includes(typeof value) || [NaN, Infinity, -Infinity].includes(value);
  return lost ? { unserialisable: inspect(value) } : value;
}

/** A copy of the value as it is now, safe for JSON. */
function plain(value) {
  try { return JSON.parse(JSON.stringify(value, carried)); } catch (error) { return { unserialisable: error.message }; }
}
const field = (name, value) => (value === undefined ? {} : { [name]: plain(value) });

/** Asks the native SDK, which the kit plays; rejects with an Error of its code and message. `late(ticket)`: held. */
function native(method, args = [], late = () => {}) {
  return new Promise((resolve, reject) => {
    const request = { id: `n${(requests += 1)}`, method: 'native', params: { method, arguments: plain([...args]) } };
    const finish = (value, error) => (error ? reject(Object.assign(new Error(), error)) : resolve(value));
    awaiting.set(request.id, Object.assign(finish, { late }));
    if (serving) send(request); else postponed.push(request);
  });
}

function accept({ id, result, error }) {
  const finish = awaiting.get(id);
  if (!awaiting.delete(id)) return;
  if (result?.held === undefined) finish(result?.value, error && (error.data ?? error));
  else finish.late(result.held, held.set(result.held, finish));
  replied();
}

function crashed(error) {
  const thrown = { type: String(error?.name ?? typeof error), message: String(error?.message ?? inspect(error)) };
  reaction = { settled: reaction.settled, thrown: reaction.thrown ?? thrown };
  if (!serving) log('error', 'uncaught between requests:', error);
}

/** Answers once nothing is left to do but wait for the kit: no reply is due, and the event loop turned twice. */
async function react() {
  for (let calm = 0; calm < 2 || awaiting.size;) {
    calm = awaiting.size ? 0 : calm + 1;
    await new Promise((resolve) => { if (awaiting.size) replied = resolve; else setImmediate(resolve); });
    if (await driver.idle?.()) calm = 0;
  }
  const finished = reaction;
  reaction = { settled: [] };
  return finished;
}

const callback = (call, kind, home = installation) => (value) => {
  const settled = { call, callback: kind, ...field('value', value) };
  if (home !== installation) return;
  if (serving) reaction.settled.push(settled);
  else send({ method: 'settled', params: settled });
};

function invoke({ call, method, arguments: args, callbacks }) {
  const promises = driver.binding.style === 'promises';
  const given = (kind) => (promises || callbacks.includes(kind) ? callback(call, kind) : null);
  const [success, error] = [given('success'), given('error')];
  if (!Object.hasOwn(driver.methods, method)) throw new TypeError(`${method} is not a function`);
  const returned = driver.methods[method](args, { success, error });
  if (typeof returned?.then !== 'function') Object.assign(reaction, field('returned', returned));
  else if (promises) returned.then(success, error);
}

const handlers = {
  initialize({ protocol }) {
    if (protocol !== '1.0') throw new Error(`This driver speaks protocol 1.0, not ${protocol}.`);
    return { protocol, language: 'javascript', kind: 'wrapper', style: 'callbacks', ...driver.binding };
  },
  async reset() {
    installation += 1;
    for (const old of [awaiting, held]) old.clear();
    await driver.reset?.();
    return react().then(() => ({}));
  },
  call(params) {
    try { invoke(params); } catch (error) { if (error instanceof Unwritable) throw error; crashed(error); }
    return react();
  },
  answer({ ticket, value, error }) {
    if (!held.has(ticket)) throw new Error(`No native request is held under ticket ${ticket}.`);
    held.get(ticket)(value, error);
    held.delete(ticket);
    return react();
  },
  advance: async ({ seconds }) => { await driver.advance(seconds); return react(); },
  environment: async ({ event, arguments: args }) => { await driver.environment(event, args); return react(); },
  observe: async () => field('snapshot', await driver.observe()),
  shutdown: () => ({}),
};

async function respond({ id, method, params }) {
  serving = true;
  for (const request of postponed.splice(0)) if (method !== 'reset') send(request);
  const unknown = () => { throw new Error(`This driver does not serve ${method}.`); };
  const code = (error) => (error instanceof Unwritable ? -32602 : handlers[method] ? -32000 : -32601);
  const refused = (error) => ({ error: { code: code(error), message: String(error.message) } });
  const answer = await Promise.resolve(params).then(handlers[method] ?? unknown).then((result) => ({ result }), refused);
  serving = false;
  send({ id, ...answer }, method === 'shutdown' ? () => process.exit(0) : undefined);
}

/** Serves the driver, one request after another, until the kit says shutdown or closes stdin. */
function serve(described) {
  let [last, rest] = [Promise.resolve(), []];
  const read = (line) => { try { return JSON.parse(line); } catch { return { id: null, method: 'what is no JSON' }; } };
  const receive = (message) => { if (message.method) last = last.then(() => respond(message)); else accept(message); };
  driver = described;
  for (const optional of ['advance', 'environment', 'observe']) if (!driver[optional]) delete handlers[optional];
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, crashed);
  process.stdout.on('error', () => process.exit(1));
  process.stdin.setEncoding('utf8').on('end', () => process.exit(0)).on('data', (chunk) => {
    const lines = chunk.split('\n');
    for (; lines.length > 1; rest = []) receive(read(rest.concat(lines.shift()).join('')));
    rest.push(lines[0]);
  });
}

module.exports = { Unwritable, native, serve };
