'use strict';

/**
 * The statechart of the specification, compiled: which transitions an event takes, given what holds of the call. What a
 * *view* tells a guard: event, states by region, attempt, invalid parameters, `fact(name)`, `argument(name, schema)`.
 */
const listed = (value) => (value === undefined ? [] : [value].flat());
const FLAGS = ['defer', 'again', 'remember', 'requeue', 'drop', 'cancel'];

/** Whether a guard says itself for which validity of the arguments it holds. */
function speaksOfValidity(guard) {
  const inner = [...(guard.all ?? []), ...(guard.any ?? []), ...(Array.isArray(guard.not) ? [] : [guard.not])];
  return 'invalid' in guard || 'arguments' in guard
    || inner.some((part) => part !== null && typeof part === 'object' && speaksOfValidity(part));
}

class Chart {
  /** The chart of a document; `choices` puts an alternative in front, by the transition's id. */
  constructor(document, choices = {}) {
    this.document = document;
    this.regions = Object.entries(document.regions);
    this.choices = this.checked(choices);
    this.rules = document.transitions.map((one) => this.rule(one));
    this.byEvent = new Map();
    for (const rule of this.rules) for (const event of rule.events) this.rulesOf(event).push(rule);
  }

  /** The first states, by region. */
  get initial() { return Object.fromEntries(this.regions.map(([name, { initial }]) => [name, initial])); }

  /** What an event does: in each region, the first transition whose guards hold, as the alternative that applies. */
  step(view) {
    const taken = this.regions.map(([region]) => this.taken(region, view)).filter(Boolean);
    const moved = taken.filter(({ to }) => to).map(({ region, to }) => [region, to]);
    const answer = taken.find((one) => one.answers);
    return { states: { ...view.states, ...Object.fromEntries(moved) }, taken, answer };
  }

  rulesOf(event) {
    if (!this.byEvent.has(event)) this.byEvent.set(event, []);
    return this.byEvent.get(event);
  }

  taken(region, view) {
    for (const rule of this.rulesOf(view.event)) {
      const applies = rule.region === region && rule.isAt(view.states[region]) && rule.holds(view);
      const found = applies && rule.alternatives.find((one) => one.holds(view));
      if (found) return found;
    }
    return undefined;
  }

  rule(body) {
    const events = this.events(body.on);
    const guard = this.guard(body.when ?? {});
    const [from, free] = [body.from ?? 'any', speaksOfValidity(body.when ?? {})];
    return {
      region: body.region,
      events,
      isAt: (state) => from === 'any' || listed(from).includes(state),
      holds: (view) => (free || view.invalid.size === 0) && guard(view),
      alternatives: this.alternatives(body),
    };
  }

  alternatives(body) {
    const given = body.one_of ?? [{ ...body, when: {} }];
    const read = given.map((one) => this.alternative(body, one));
    const chosen = body.one_of ? this.choices[body.id] ?? 0 : 0;
    return [read[chosen], ...read.filter((one, place) => place !== chosen)];
  }

  alternative({ id, region, requirement, one_of: several }, one) {
    const flags = Object.fromEntries(FLAGS.map((flag) => [flag, Boolean(one[flag])]));
    const { to, value, usual, code, effects = [] } = one;
    const either = ['success', 'error'][several ? Number('code' in one) : this.choices[id] ?? Number('code' in one)];
    const callback = one.callback === 'either' ? either : one.callback;
    const answers = Boolean(callback || flags.defer || flags.again);
    const holds = this.guard(one.when ?? {});
    return { id, region, requirement, to, value, usual, code, effects, callback, answers, holds, ...flags };
  }

  /** The choices, all of which name an alternative that there is. */
  checked(choices) {
    const count = (one) => one.one_of?.length ?? (one.callback === 'either' ? 2 : 0);
    const counts = this.document.transitions.map((one) => [one.id, count(one)]);
    const known = new Map(counts.filter(([, several]) => several));
    for (const [id, place] of Object.entries(choices)) {
      if (!known.has(id)) throw new RangeError(`${id} leaves no choice. These do: ${[...known.keys()].join(', ')}.`);
      const last = known.get(id) - 1;
      const isThere = Number.isInteger(place) && place >= 0 && place <= last;
      if (!isThere) throw new RangeError(`${id}: choose one from 0 to ${last}.`);
    }
    return choices;
  }

  events(names) { return listed(names).flatMap((name) => this.document.groups?.[name] ?? [name]); }

  guard(document) {
    const parts = Object.entries(document)
      .filter(([key]) => key !== 'summary')
      .map(([key, body]) => GUARDS[key](body, this));
    return (view) => parts.every((part) => part(view));
  }
}

/** What each entry of a guard makes of its body: a test of a view. */
const GUARDS = {
  in: (body) => {
    const places = Object.entries(body).map(([region, states]) => [region, listed(states)]);
    return (view) => places.every(([region, states]) => states.includes(view.states[region]));
  },
  event: (body, chart) => { const events = chart.events(body); return (view) => events.includes(view.event); },
  attempt: (body) => (view) => listed(body).includes(view.attempt),
  fact: (body) => (view) => listed(body).every((name) => view.fact(name)),
  condition: (body, chart) => chart.guard(chart.document.conditions[body]),
  valid: (body) => (view) => listed(body).every((name) => !view.invalid.has(name)),
  invalid: (body) => (view) => listed(body).some((name) => view.invalid.has(name)),
  arguments: () => () => true,
  argument: (body) => (view) => Object.entries(body).every(([name, schema]) => view.argument(name, schema)),
  not: (body, chart) => {
    const isNames = typeof body === 'string' || Array.isArray(body);
    if (isNames) return (view) => listed(body).every((name) => !view.fact(name));
    const inner = chart.guard(body);
    return (view) => !inner(view);
  },
  all: (body, chart) => {
    const parts = body.map((one) => chart.guard(one));
    return (view) => parts.every((part) => part(view));
  },
  any: (body, chart) => {
    const parts = body.map((one) => chart.guard(one));
    return (view) => parts.some((part) => part(view));
  },
};

module.exports = { Chart, GUARDS };
