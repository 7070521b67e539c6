'use strict';

/**
 * Effects of the specification on a world, a frozen value: records by number, the number of the current and of the
 * previous one, and the registers. What the specification leaves open is settled as a plain implementation would.
 */
const { fact, operand, path } = require('./expressions.js');
const { isGiven, isObject, same } = require('./values.js');

/** What expressions see of a world during a call with these arguments. */
const scopeOf = (world, collection, named) => ({
  arguments: named,
  registers: world.registers,
  current: world.records[world.current],
  collections: { [collection]: Object.values(world.records) },
});

function withCurrent(world, fields) {
  if (world.current === null) return world;
  const record = { ...world.records[world.current], ...fields };
  return { ...world, records: { ...world.records, [world.current]: record } };
}

const withRegisters = (world, values) => ({ ...world, registers: { ...world.registers, ...values } });

/** The object with new values for some keys; null removes one. */
function merged(old, given, deep = false) {
  const result = new Map(Object.entries(old));
  for (const [key, value] of Object.entries(given)) {
    const inner = deep && isObject(value) && isObject(result.get(key));
    if (value === null) result.delete(key);
    else result.set(key, inner ? merged(result.get(key), value, true) : value);
  }
  return Object.fromEntries(result);
}

/** The value with another one at the end of a list of keys. */
const assigned = (value, [key, ...rest], leaf) => (
  key === undefined ? leaf : { ...value, [key]: assigned(isObject(value?.[key]) ? value[key] : {}, rest, leaf) }
);

const readers = (map) => Object.entries(map).map(([name, given]) => [name, operand(given)]);
const values = (fields, scope) => Object.fromEntries(fields.map(([name, read]) => [name, read(scope) ?? null]));
const given = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => isGiven(value)));

/** Makes each operation of an effect a function of world and scope; `model` has collection, blank, schemas, initial. */
const OPERATIONS = {
  create: (body, model) => (world) => added(world, model, body.values),
  select: ({ by, otherwise }, model) => {
    const keys = readers(by);
    return (world, scope) => {
      const [field, read] = keys.find(([, one]) => isGiven(one(scope))) ?? [];
      const holds = ([, record]) => field !== undefined && same(record[field], read(scope));
      const found = Object.entries(world.records).find(holds);
      return found ? { ...world, current: Number(found[0]) } : added(world, model, otherwise);
    };
  },
  set: (body) => {
    const fields = readers(body);
    return (world, scope) => withCurrent(world, given(values(fields, scope)));
  },
  set_once: (body) => {
    const fields = readers(body);
    return (world, scope) => {
      const free = fields.filter(([field]) => (world.records[world.current]?.[field] ?? null) === null);
      return withCurrent(world, given(values(free, scope)));
    };
  },
  merge: (body, { schemas }) => {
    const [read, only] = [path(body.from), body.only && path(body.only)];
    const free = body.unless ? fact(body.unless, schemas) : () => false;
    return (world, scope) => {
      const allowed = only && !free(scope) ? only(scope) ?? [] : null;
      const isKept = ([key]) => !(body.except ?? []).includes(key) && (!allowed || allowed.includes(key));
      const whole = read(scope);
      const kept = isObject(whole) ? Object.entries(whole).filter(isKept) : [];
      return mergedInto(world, body.into, Object.fromEntries(kept));
    };
  },
  merge_items: ({ into, from, key, schema }, { schemas }) => {
    const read = path(from);
    return (world, scope) => [read(scope) ?? []].flat()
      .filter((item) => schemas.isValid(schema, item) && isGiven(item[key]))
      .reduce((after, item) => mergedInto(after, into, { [item[key]]: item }, true), world);
  },
  append: ({ to, value }) => {
    const fields = readers(value);
    return (world, scope) => withCurrent(world, { [to]: (scope.current?.[to] ?? []).concat([values(fields, scope)]) });
  },
  absorb: ({ lists, uncertain }) => (world) => {
    if (world.previous === null || world.previous === world.current) return world;
    const [old, now] = [world.records[world.previous], world.records[world.current]];
    const moved = lists.map((field) => [field, [...now[field], ...old[field]]]);
    const joined = uncertain.map((field) => [field, { ...old[field], ...now[field] }]);
    return withCurrent(world, Object.fromEntries([...moved, ...joined]));
  },
  delete_previous: () => (world) => {
    if (world.previous === world.current) return world;
    const kept = Object.entries(world.records).filter(([number]) => Number(number) !== world.previous);
    return { ...world, records: Object.fromEntries(kept) };
  },
  leave: () => (world) => ({ ...world, current: null }),
  assign: (body) => {
    const fields = readers(body);
    return (world, scope) => withRegisters(world, values(fields, scope));
  },
  assign_in: ({ register, path: steps, value }) => {
    const keys = steps.map(operand);
    return (world, scope) => {
      const leaf = assigned(world.registers[register], keys.map((read) => String(read(scope))), value);
      return withRegisters(world, { [register]: leaf });
    };
  },
  increase: (register) => (world) => withRegisters(world, { [register]: world.registers[register] + 1 }),
  forget: () => (world) => world,
  forget_registers: (names, { initial }) => (world) => (
    withRegisters(world, Object.fromEntries(names.map((name) => [name, initial[name]])))),
};

function added(world, { blank }, fields) {
  const records = { ...world.records, [world.created]: { ...blank, ...fields } };
  return { ...world, records, current: world.created, created: world.created + 1 };
}

function mergedInto(world, field, more, deep = false) {
  if (world.current === null) return world;
  return withCurrent(world, { [field]: merged(world.records[world.current][field], more, deep) });
}

/**
 * Every effect by its name: a function from a world, the arguments by name and whether the call succeeds to the next
 * world. An effect that leaves something open gives way to its `usual` one, or to nothing where the call fails.
 */
function compile(effects, model) {
  const apply = ({ do: steps }) => {
    const operations = steps.flatMap((step) => Object.entries(step))
      .map(([name, body]) => OPERATIONS[name](body, model));
    return (world, named) => (
      operations.reduce((after, operation) => operation(after, scopeOf(after, model.collection, named)), world));
  };
  const own = new Map(Object.entries(effects).map(([name, body]) => [name, apply(body)]));
  return (name, world, named, succeeds) => {
    const { usual } = effects[name];
    if (usual === undefined) return own.get(name)(world, named);
    return succeeds ? own.get(usual)(world, named) : world;
  };
}

module.exports = { OPERATIONS, compile, scopeOf };
