'use strict';

/**
 * One session of the SDK, as `machine.json` says: takes calls and what happens in the world one at a time. Whoever
 * calls is told the outcome once, by `settle(kind, ...value)`, when the session is consistent.
 */
const { Chart } = require('./chart.js');
const { Schemas } = require('./schemas.js');
const { fact, path } = require('./expressions.js');
const { compile, scopeOf } = require('./effects.js');
const { NotJson, isGiven, isObject, member, plain } = require('./values.js');

/** How much of a place is told. */
const LONGEST = 80;
/** How texts are filled: `{name}` gives way to the entry of that name. */
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

class Session {
  /** `machine` is machine.json; `choices` as for `Chart`; `registers` replaces first values. */
  constructor(machine, { choices, registers = {}, immediate = true } = {}) {
    this.machine = machine;
    this.immediate = immediate;
    this.chart = new Chart(machine.chart, choices);
    this.schemas = new Schemas(machine.schemas);
    this.compileParts(registers);
    this.states = this.chart.initial;
    this.world = { records: {}, current: null, previous: null, created: 0, registers: this.initial };
    Object.assign(this, { waiting: [], remembered: null, users: 0, now: 0, tried: 0, due: null, settled: [] });
  }

  compileParts(registers) {
    const { chart } = this.machine;
    const named = Object.entries(chart.registers).map(([name, one]) => [name, registers[name] ?? one.initial]);
    this.initial = Object.fromEntries(named);
    [[this.collection, this.blank]] = Object.entries(chart.records);
    this.facts = Object.fromEntries(
      Object.entries(chart.facts).map(([name, expression]) => [name, fact(expression, this.schemas)]));
    this.applyEffect = compile(chart.effects, this);
  }

  // What happens ---------------------------------------------------------------------------------

  /** Takes a call of a method by its name or alias. */
  call(name, given, settle) {
    const call = this.read(this.method(name), given, settle);
    this.attempt(call, 'first');
    this.arm();
    if (this.immediate) this.hurry(call);
    return this.finish();
  }

  /** Lets an event of the world happen, and whatever it makes of the calls that wait. */
  happen(event, given = []) {
    const described = this.event(event, given);
    const named = Object.fromEntries((described.parameters ?? []).map((name, place) => [name, plain(given[place])]));
    this.take(this.chart.step(this.view(event, named, 'first', new Map())), named, true);
    if (described.seconds) this.pass(described.seconds);
    else if (described.retries) this.retryNow(described.retries);
    this.arm();
    return this.finish();
  }

  /** Lets time pass, with every retry that falls due. */
  advance(seconds) {
    if (!Number.isFinite(seconds) || seconds < 0) throw new RangeError('Give a finite number of seconds from 0 up.');
    this.pass(seconds);
    return this.finish();
  }

  /** What is shown of the session, as spec/README.md describes it. */
  snapshot() {
    const { regions, registers } = this.machine.chart;
    const shown = Object.keys(regions).filter((name) => (regions[name].visibility ?? 'shown') === 'shown');
    const open = Object.keys(registers).filter((name) => !registers[name].internal);
    const numbers = Object.keys(this.world.records);
    const place = numbers.indexOf(String(this.world.current));
    return plain({
      state: Object.fromEntries(shown.map((name) => [name, this.states[name]])),
      records: { [this.collection]: Object.values(this.world.records) },
      current: place < 0 ? null : place,
      registers: Object.fromEntries(open.map((name) => [name, this.world.registers[name]])),
    }, Infinity);
  }

  // Reading what was given -----------------------------------------------------------------------

  method(name) {
    const { methods, aliases } = this.machine;
    const found = member(methods, member(aliases, name) ?? name);
    if (!found) throw new TypeError(`the API has no method ${name}`);
    return { name: member(aliases, name) ?? name, ...found };
  }

  event(name, given) {
    const { environment } = this.machine.chart;
    const known = member(environment, name);
    const all = Object.keys(environment).join(', ');
    if (!known) throw new TypeError(`nothing called ${name} happens. There are: ${all}.`);
    const expected = known.parameters ?? [];
    if (given.length !== expected.length) throw new TypeError(`${name} takes (${expected.join(', ')})`);
    return known;
  }

  read(method, given, settle) {
    const read = method.parameters.map((parameter, place) => this.argument(parameter, given[place]));
    const named = Object.fromEntries(read.map(({ value }, place) => [method.parameters[place].name, value]));
    const wrong = method.parameters.map(({ name }, place) => [name, read[place].wrong]).filter(([, one]) => one);
    return { method, named, invalid: new Map(wrong), settle };
  }

  /** The value of an argument under its main spellings, and `wrong`: the text and the place of what is not valid. */
  argument({ schema, ignored, optional }, given) {
    if (ignored || (optional && (given ?? null) === null)) return { value: null };
    try {
      const value = this.schemas.canonical(schema, plain(given ?? null, this.machine.depth));
      const wrong = () => ({ text: 'invalid', schema, ...this.schemas.explain(schema, value) });
      return this.schemas.isValid(schema, value) ? { value } : { value, wrong: wrong() };
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      return { value: null, wrong: { text: 'no-json', place: error.place } };
    }
  }

  // One try of a call ----------------------------------------------------------------------------

  view(event, named, attempt, invalid) {
    const scope = scopeOf(this.world, this.collection, named);
    const holds = (name) => this.facts[name](scope);
    const matches = (name, schema) => !invalid.has(name) && this.schemas.test(schema)(named[name]);
    return { event, states: this.states, attempt, invalid, fact: holds, argument: matches };
  }

  attempt(call, attempt) {
    const step = this.chart.step(this.view(call.method.event, call.named, attempt, call.invalid));
    const { answer } = step;
    const where = Object.values(this.states);
    if (!answer) throw new Error(`the specification says nothing of ${call.method.name} in ${where}`);
    this.take(step, call.named, answer.callback === 'success', call);
    if (answer.callback) this.answer(call, answer);
    else this.waiting.push(call);
    if (answer.again) this.retry('repeated');
  }

  take({ states, taken }, named, succeeds, call) {
    this.states = states;
    this.world = { ...this.world, previous: this.world.current };
    for (const one of taken) {
      this.file(one, call);
      for (const effect of one.effects) this.world = this.applyEffect(effect, this.world, named, succeeds);
    }
  }

  file({ cancel, drop, requeue, remember }, call) {
    if (cancel) this.cancel();
    if (drop) this.remembered = null;
    if (requeue && this.remembered) this.waiting.unshift(this.remembered);
    if (requeue) this.remembered = null;
    if (remember) this.remembered = { ...call, settle: () => {} };
  }

  // Calls that wait ------------------------------------------------------------------------------

  retry(attempt) {
    const [calls, users] = [this.waiting.splice(0), this.users];
    for (const call of calls) {
      if (this.users === users) this.attempt(call, attempt);
      else this.drop(call);
    }
  }

  /** The same out of turn: the schedule begins anew for those that wait even then. */
  retryNow(attempt) {
    this.retry(attempt);
    this.due = null;
  }

  cancel() {
    this.users += 1;
    this.remembered = null;
    for (const call of this.waiting.splice(0)) this.drop(call);
  }

  drop(call) {
    const { cancelled, texts } = this.machine;
    this.settled.push(() => call.settle('error', { code: cancelled, message: texts.cancelled }));
  }

  arm() {
    if (!this.waiting.length) this.due = null;
    else if (this.due === null) Object.assign(this, { due: this.now + this.machine.backoff[0], tried: 0 });
  }

  pass(seconds) {
    const end = this.now + seconds;
    while (this.due !== null && this.due <= end) this.tryNext();
    this.now = end;
  }

  tryNext() {
    const { backoff, hour } = this.machine;
    this.now = this.due;
    this.tried += 1;
    const attempt = this.tried >= backoff.length ? 'last' : 'repeated';
    this.due += backoff[this.tried] ?? hour;
    const next = this.due;
    this.retry(attempt);
    this.due = this.waiting.length ? next : null;
  }

  /** Lets every retry of a call come at once, if nothing else waits. */
  hurry(call) {
    const { length } = this.machine.backoff;
    while (this.tried < length && this.waiting.length === 1 && this.waiting[0] === call) this.tryNext();
  }

  /** Tells the outcomes. */
  finish() {
    for (const tell of this.settled.splice(0)) tell();
  }

  // Answers --------------------------------------------------------------------------------------

  answer(call, answer) {
    if (answer.callback === 'error') {
      const error = this.error(call, answer);
      this.settled.push(() => call.settle('error', error));
      return;
    }
    const value = this.value(answer.usual ?? answer.value, scopeOf(this.world, this.collection, call.named));
    this.settled.push(() => call.settle('success', ...value));
  }

  /** What success carries, in a list that is empty for nothing. */
  value(document, scope) {
    if (!document) return [];
    const [[kind, body]] = Object.entries(document).length ? Object.entries(document) : [['const', null]];
    const reads = { path: read, const: (given) => given, object: readAll, found };
    return kind in reads ? [plain(reads[kind](body, scope), Infinity)] : [];
  }

  error(call, { id, code = 400, requirement }) {
    const { texts } = this.machine;
    const invalid = Object.hasOwn(texts, code) ? undefined : this.invalid(call);
    return { code, message: texts[id] ?? invalid ?? texts[code] ?? filled(texts.refused, { requirement }) };
  }

  /** What is wrong with the first argument that is not valid. */
  invalid({ method, invalid }) {
    const [first] = invalid;
    if (!first) return undefined;
    const [name, { text, place, ...rest }] = first;
    const parameter = place ? `${name} at ${place.slice(0, LONGEST)}` : name;
    return filled(this.machine.texts[text], { method: method.name, parameter, ...rest }).replace(/ {2,}/g, ' ');
  }
}

const read = (where, scope) => path(where)(scope) ?? null;
const mapped = (object, of) => Object.fromEntries(Object.entries(object).map(([key, one]) => [key, of(one)]));
const readAll = (paths, scope) => mapped(paths, (one) => read(one, scope));

function found({ in: container, list, term, each }, scope) {
  const wanted = String(read(term, scope)).toLowerCase();
  const entries = Object.values(read(container, scope) ?? {}).filter(isObject);
  const pairs = entries.flatMap((entry) => (member(entry, list) ?? []).map((item) => ({ entry, item })));
  return pairs
    .map((pair) => mapped(each, ([from, name]) => pair[from][name] ?? null))
    .filter((one) => Object.values(one).some((text) => isGiven(text) && String(text).toLowerCase().includes(wanted)));
}

module.exports = { Session };
