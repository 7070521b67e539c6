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
 * 'promises' return the promise instead. The bridge below your binding calls `native(method, args)`, a promise of the
 * native SDK's answer. `reset` stands for a freshly installed app. A self-contained SDK has no bridge; it may offer
 * `advance(seconds)`, `environment(event, args)` and `observe()`. A binding with timers gives `idle()`, a promise that
 * none is pending. Stdout belongs to the protocol: what the binding prints there becomes log messages.
 */

const { format, inspect } = require('node:util');

const PROTOCOL = '1.0';
const write = process.stdout.write.bind(process.stdout);
const awaiting = new Map(); // id -> native request that awaits the kit's immediate reply
const held = new Map(); // ticket -> native request that the kit answers later, or never
const postponed = []; // native requests made while the kit was not listening
let reaction = { settled: [] };
let [driver, serving, installation, requests, replied] = [null, false, 0, 0, () => {}];

const send = (message, then) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`, then);
const log = (level, ...args) => send({ method: 'log', params: { level, message: format(...args) } });
const reply = () => new Promise((resolve) => { replied = resolve; });
const turn = () => new Promise((resolve) => { setImmediate(resolve); }).then(() => driver.idle?.());

/** What JSON cannot carry becomes visible instead of vanishing; only undefined vanishes, as JSON has it. */
function carried(key, value) {
  if (value instanceof Error) return { code: value.code, message: value.message };
  const lost = typeof value === 'number' ? !Number.isFinite(value) : ['function', 'symbol', 'bigint'].includes(typeof value);
  return lost ? { unserialisable: inspect(value) } : value;
}

/** A copy of the value as it is now, safe for JSON. */
function plain(value) {
  try { return JSON.parse(JSON.stringify(value, carried)); } catch (error) { return { unserialisable: error.message }; }
}
const field = (name, value) => (value === undefined ? {} : { [name]: plain(value) });

/** Asks the native SDK, which the kit plays; rejects with an Error that has the SDK's code and message. */
function native(method, args = []) {
  return new Promise((resolve, reject) => {
    const request = { id: `n${(requests += 1)}`, method: 'native', params: { method, arguments: plain([...args]) } };
    awaiting.set(request.id, { resolve, reject });
    if (serving) send(request);
    else postponed.push(request);
  });
}

function settle({ resolve, reject }, value, error) {
  if (error) reject(Object.assign(new Error(error.message), { code: error.code }));
  else resolve(value);
}

function accept({ id, result, error }) {
  const waiting = awaiting.get(id);
  if (!awaiting.delete(id)) return;
  if (result?.held === undefined) settle(waiting, result?.value, error && (error.data ?? error));
  else held.set(result.held, waiting);
  replied();
}

function crashed(error) {
  reaction.thrown ??= { type: String(error?.name ?? typeof error), message: String(error?.message ?? inspect(error)) };
  delete reaction.returned;
  if (!serving) log('error', 'uncaught between requests:', error);
}

/** Answers once nothing is left to do but wait for the kit: no reply is due, and two turns of the event loop are over. */
async function react() {
  for (let calm = 0; calm < 2 || awaiting.size;) {
    calm = awaiting.size ? 0 : calm + 1;
    await (awaiting.size ? reply() : turn());
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
  const [success, error] = [callback(call, 'success'), callback(call, 'error')];
  const given = { success: callbacks.includes('success') ? success : null, error: callbacks.includes('error') ? error : null };
  if (!Object.hasOwn(driver.methods, method)) throw new TypeError(`${method} is not a function of ${driver.binding.name}`);
  const returned = driver.methods[method](args, given);
  if (typeof returned?.then !== 'function') Object.assign(reaction, field('returned', returned));
  else if (driver.binding.style === 'promises') returned.then(success, error);
}

const handlers = {
  __proto__: null,
  initialize({ protocol }) {
    if (protocol !== PROTOCOL) throw new Error(`This driver speaks protocol ${PROTOCOL}, not ${protocol}.`);
    return { protocol, language: 'javascript', kind: 'wrapper', style: 'callbacks', ...driver.binding };
  },
  async reset() {
    installation += 1;
    for (const old of [awaiting, held]) old.clear();
    await driver.reset?.();
    await react();
    return {};
  },
  call(params) {
    try { invoke(params); } catch (error) { crashed(error); }
    return react();
  },
  answer({ ticket, value, error }) {
    if (!held.has(ticket)) throw new Error(`No native request is held under ticket ${ticket}.`);
    settle(held.get(ticket), value, error);
    held.delete(ticket);
    return react();
  },
  advance: async ({ seconds }) => { await driver.advance(seconds); return react(); },
  environment: async ({ event, arguments: args }) => { await driver.environment(event, args); return react(); },
  observe: async () => field('snapshot', await driver.observe()),
  shutdown: () => ({}),
};

async function respond({ id, method, params }) {
  const early = postponed.splice(0);
  serving = true;
  if (method !== 'reset') early.forEach((request) => send(request));
  const known = handlers[method] && (driver[method] || !['advance', 'environment', 'observe'].includes(method));
  const answer = await Promise.resolve(params).then(known ? handlers[method] : () => { throw new Error(`no ${method} here`); })
    .then((result) => ({ result }), (error) => ({ error: { code: known ? -32000 : -32601, message: String(error.message) } }));
  serving = false;
  send({ id, ...answer }, method === 'shutdown' ? () => process.exit(0) : undefined);
}

/** Serves the driver, one request after another, until the kit says shutdown or closes stdin. */
function serve(described) {
  let [last, rest] = [Promise.resolve(), []];
  const receive = (line) => {
    const message = JSON.parse(line);
    if (message.method === undefined) accept(message);
    else last = last.then(() => respond(message));
  };
  driver = described;
  process.stdout.on('error', () => process.exit(1));
  process.stdout.write = process.stderr.write.bind(process.stderr);
  for (const level of ['debug', 'info', 'error']) console[level] = (...args) => log(level, ...args);
  Object.assign(console, { log: console.info, warn: (...args) => log('warning', ...args) });
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, crashed);
  process.stdin.setEncoding('utf8').on('end', () => process.exit(0)).on('data', (chunk) => {
    const lines = chunk.split('\n');
    for (; lines.length > 1; rest = []) receive(rest.concat(lines.shift()).join(''));
    rest.push(lines[0]);
  });
}

module.exports = { native, serve };
