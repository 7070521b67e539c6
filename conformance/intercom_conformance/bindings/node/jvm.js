'use strict';

/**
 * Runs a Java bridge below a binding in Node.js: the wire between kit and driver, with Node.js in the kit's place.
 *   const jvm = launch(argv);               // the command that serves an adapter of raw bridge calls
 *   const { silent } = await jvm.initialize();
 *   serve({ ..., reset: () => jvm.reset(), idle: jvm.idle });
 *   jvm.call(method, args, (kind, ...value) => ...);
 * The last function hears of the outcome, now or later: 'success' or 'error', and 'returned' with what it returned.
 * What the bridge asks of the native SDK goes on to the kit unchanged, and so do answers that the kit holds back. An
 * exception that escapes the bridge is thrown here, at nobody: it belongs to the call in flight.
 */
const { spawn } = require('node:child_process');
const { native } = require('./wire.js');

/** One line after another, as text. */
function lines(stream, take) {
  let rest = [];
  stream.setEncoding('utf8').on('data', (chunk) => {
    const parts = chunk.split('\n');
    for (; parts.length > 1; rest = []) take(rest.concat(parts.shift()).join(''));
    rest.push(parts[0]);
  });
}

function launch([program, ...args]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [waiting, listeners] = [new Map(), new Map()];
  let [last, pending, requests, calls] = [Promise.resolve(), 0, 0, 0];
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  child.on('exit', (code) => process.exit(code || 1));
  child.stdin.on('error', () => process.exit(1));

  /** The result of a request; each waits for the one before it. */
  function request(method, params = {}) {
    pending += 1;
    const ask = () => new Promise((resolve, reject) => {
      requests += 1;
      waiting.set(requests, { resolve, reject });
      send({ id: requests, method, params });
    });
    last = last.then(ask, ask).finally(() => { pending -= 1; });
    return last;
  }

  function take({ settled, thrown }) {
    for (const one of settled) listeners.get(one.call)?.(one.callback, ...('value' in one ? [one.value] : []));
    if (thrown) setImmediate(() => { throw Object.assign(new Error(thrown.message), { name: thrown.type }); });
  }

  function relay({ id, params }) {
    let ticket;
    const late = (held) => { ticket = held; send({ id, result: { held } }); };
    const failed = (error) => ({ error: { code: -32000, message: error.message, data: error } });
    const now = ({ error, ...result }) => send({ id, ...(error ? failed(error) : { result }) });
    const finish = (reply) => (ticket ? request('answer', { ticket, ...reply }).then(take) : now(reply));
    native(params.method, params.arguments, late).then(
      (value) => finish(value === undefined ? {} : { value }),
      ({ code, message }) => finish({ error: { code, message } }),
    );
  }

  lines(child.stdout, (line) => {
    const message = JSON.parse(line);
    if (message.method === 'native') return relay(message);
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    return message.error ? reject(new Error(message.error.message)) : resolve(message.result);
  });

  return {
    initialize: () => request('initialize', { protocol: '1.0', spec: '1.0' }),
    reset: () => { listeners.clear(); return request('reset'); },
    call(method, given, listener) {
      const call = `j${(calls += 1)}`;
      listeners.set(call, listener);
      const callbacks = ['success', 'error'];
      return request('call', { call, method, arguments: given, callbacks }).then((reaction) => {
        if ('returned' in reaction) listener('returned', reaction.returned);
        take(reaction);
      });
    },
    idle: async () => { if (!pending) return false; await last.catch(() => {}); return true; },
  };
}

module.exports = { launch };
