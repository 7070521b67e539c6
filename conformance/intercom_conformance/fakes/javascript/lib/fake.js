'use strict';

/**
 * What a test has in its hands: one fake SDK, what the app did with it, and what the world does to it. The bindings,
 * `react-native.js` and `cordova.js`, are made over it.
 */
const machine = require('../machine.json');
const { Session } = require('./session.js');
const { hmac } = require('./sha256.js');
const { plain } = require('./values.js');

/** What a test may say of the network, and the event of the specification that it is. */
const NETWORK = {
  up: 'network_up',
  answer: 'network_up',
  fail: 'network_down',
  failOnce: 'network_flaky',
  hold: 'network_held',
};

/** A copy for the log: what is no JSON stays as it is. */
function logged(value) {
  try { return plain(value); } catch { return value; }
}

class Fake {
  /**
   * @param {object} options `platform` is android or ios; `immediate: false` leaves retries to `advance`; `choices`
   * takes alternatives that the specification leaves open; `registers` replaces what the workspace holds at first.
   */
  constructor(options = {}) {
    this.options = options;
    this.network = Object.fromEntries(Object.entries(NETWORK).map(([name, event]) => [name, () => this.turns(event)]));
    this.listeners = new Set();
    this.reset();
  }

  /** A freshly installed app over an empty workspace; options that are given stay. Earlier calls are never answered. */
  reset(options = {}) {
    this.options = { ...this.options, ...options };
    this.session = new Session(machine, this.options);
    this.calls = [];
    this.heard = this.audible();
    this.generation = (this.generation ?? 0) + 1;
  }

  get platform() { return this.options.platform ?? 'android'; }

  // What the app did -----------------------------------------------------------------------------

  /** A snapshot: states, contacts, who is current, and what settings remain. */
  get snapshot() { return this.session.snapshot(); }
  /** Everybody whom the workspace knows. */
  get contacts() { return this.snapshot.records[this.session.collection]; }
  /** The contact who is logged in, or null. */
  get user() {
    const { current, records } = this.snapshot;
    return current === null ? null : records[this.session.collection][current];
  }
  /** What the end user has on screen: the messenger, what it shows, and whether the launcher is there. */
  get screen() {
    const { state, registers } = this.snapshot;
    return {
      messenger: state.messenger,
      content: registers.content_shown,
      composer: registers.composer_text,
      launcher: state.launcher === 'launcher_visible',
    };
  }

  // What happens to it ---------------------------------------------------------------------------

  /** Lets an event of the specification happen, such as `carousel_arrives`. */
  happens(event, ...given) { this.session.happen(event, given); this.notify(); }
  /** Lets virtual seconds pass; needed only with `immediate: false`, or for what waits while answers are held. */
  advance(seconds) { this.session.advance(seconds); this.notify(); }
  /** Makes a piece of content live, or gives it another status; `draft` and `paused` show an error to the end user. */
  publish(type, id, status = 'live') {
    const { registers } = this.session.world;
    const content = { ...registers.content, [type]: { ...registers.content[type], [id]: status } };
    this.session.world = { ...this.session.world, registers: { ...registers, content } };
  }

  /** The user hash that the workspace accepts for a userId or an email. */
  userHash(identity) { return hmac(this.session.world.registers.secret, identity); }

  /** Calls `listener` with the kind of each change an app can hear of: `unread` and its count, `show`, `hide`. */
  listen(listener) { this.listeners.add(listener); return () => this.listeners.delete(listener); }

  // What the bindings use ------------------------------------------------------------------------

  /** Calls a method of the guide; `settle(kind, ...value)` is called once, and never after a `reset`. */
  call(method, given, settle, name = method) {
    const [entry, { generation }] = [{ method: name, arguments: given.map(logged), outcome: 'pending' }, this];
    this.calls.push(entry);
    this.session.call(method, given, (kind, ...value) => {
      if (generation !== this.generation) return;
      Object.assign(entry, { outcome: kind, ...(value.length ? { value: value[0] } : {}) });
      settle(kind, ...value);
    });
    this.notify();
    return entry;
  }

  /** The network changes, and what waits is tried again, as often as there are retries. */
  turns(event) {
    this.happens(event);
    if (this.session.immediate) this.advance(machine.backoff.reduce((sum, seconds) => sum + seconds, 0));
  }

  /** What an app can hear of. */
  audible() {
    const { states, world } = this.session;
    return { unread: world.registers.unread, open: states.messenger !== 'closed' };
  }

  notify() {
    const [before, now] = [this.heard, this.audible()];
    this.heard = now;
    const tell = (...told) => { for (const listener of [...this.listeners]) listener(...told); };
    if (before.unread !== now.unread) tell('unread', now.unread);
    if (before.open !== now.open) tell(now.open ? 'show' : 'hide');
  }
}

module.exports = { Fake, machine };
