'use strict';

/**
 * Paths and facts of the specification, compiled to functions of a scope: the arguments by name, the registers, the
 * current record, the records, and the record at hand. spec/README.md defines every operator.
 */
const { isGiven, isObject, member, same } = require('./values.js');
const { hmac } = require('./sha256.js');

const ROOTS = {
  argument: (scope) => scope.arguments,
  register: (scope) => scope.registers,
  current: (scope) => scope.current,
  record: (scope) => scope.record,
};
const isPath = (operand) => Array.isArray(operand) && Object.hasOwn(ROOTS, operand[0]);

/** A function that gives the value at a path, or undefined. */
function path([root, ...steps]) {
  const keys = steps.map((step) => (Array.isArray(step) ? path(step) : () => step));
  return (scope) => keys.reduce((value, key) => member(value, key(scope)), ROOTS[root](scope));
}

const operand = (given) => (isPath(given) ? path(given) : () => given);
const listed = (value) => (isGiven(value) ? [value].flat() : []);

function signed({ key, message, signature }) {
  const [secret, shown, texts] = [path(key), path(signature), message.map(path)];
  return (scope) => {
    const text = texts.map((read) => read(scope)).find(isGiven);
    const given = [secret(scope), text, shown(scope)];
    return given.every((one) => typeof one === 'string') && hmac(secret(scope), text) === shown(scope).toLowerCase();
  };
}

/** What each operator of a fact makes of its body: a test of a scope. */
const OPERATORS = {
  all: (parts, of) => { const tests = parts.map(of); return (scope) => tests.every((test) => test(scope)); },
  any: (parts, of) => { const tests = parts.map(of); return (scope) => tests.some((test) => test(scope)); },
  not: (part, of) => { const test = of(part); return (scope) => !test(scope); },
  given: (where) => { const read = path(where); return (scope) => isGiven(read(scope)); },
  equal: (pair) => {
    const [one, other] = pair.map(operand);
    return (scope) => (one(scope) ?? null) !== null && same(one(scope), other(scope));
  },
  valid: ({ schema, value }, of, schemas) => {
    const read = path(value);
    return (scope) => read(scope) !== undefined && schemas.isValid(schema, read(scope));
  },
  valid_without: ({ schema, value, key }, of, schemas) => {
    const read = path(value);
    const without = (one) => Object.fromEntries(Object.entries(one).filter(([name]) => name !== key));
    return (scope) => {
      const given = read(scope);
      return given !== undefined && schemas.isValid(schema, isObject(given) ? without(given) : given);
    };
  },
  exists: ({ in: collection, where }, of) => {
    const test = of(where);
    return (scope) => scope.collections[collection].some((record) => test({ ...scope, record }));
  },
  keys_within: ([left, right]) => {
    const [given, allowed] = [path(left), path(right)];
    return (scope) => Object.keys(isObject(given(scope)) ? given(scope) : {})
      .every((key) => (allowed(scope) ?? []).includes(key));
  },
  has_key: ([container, key]) => {
    const [entries, wanted] = [path(container), path(key)];
    return (scope) => member(entries(scope), wanted(scope)) !== undefined;
  },
  every: ({ of: paths, in: container, equals }) => {
    const [reads, entries] = [paths.map(path), path(container)];
    return (scope) => reads.flatMap((read) => listed(read(scope)))
      .every((key) => same(member(entries(scope), key), equals));
  },
  signed,
};

/** A test of a scope from the expression of a fact. */
function fact(expression, schemas) {
  const of = (part) => {
    const tests = Object.entries(part)
      .filter(([name]) => name !== 'summary')
      .map(([name, body]) => OPERATORS[name](body, of, schemas));
    return (scope) => tests.every((test) => test(scope));
  };
  return of(expression);
}

module.exports = { fact, operand, path };
