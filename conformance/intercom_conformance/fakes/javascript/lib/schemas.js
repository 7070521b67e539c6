'use strict';

/**
 * Validation by as much of JSON Schema 2020-12 as the payload schemas use. Whoever writes `machine.json` refuses a
 * schema with a keyword that has no entry in KEYWORDS or ANNOTATIONS.
 */
const { isObject, same } = require('./values.js');

const length = (text) => [...text].length;
const entries = (value) => (isObject(value) ? Object.entries(value) : []);
const TYPES = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  object: isObject,
  string: (value) => typeof value === 'string',
};
const ifNumber = (holds) => (value) => typeof value !== 'number' || holds(value);
const ifText = (holds) => (value) => typeof value !== 'string' || holds(value);
const ifObject = (holds) => (value) => !isObject(value) || holds(value);
const ifList = (holds) => (value) => !Array.isArray(value) || holds(value);

/** Whether a name is one that `properties` or `patternProperties` beside the keyword speak of. */
function isNamed(schema, key) {
  const patterns = Object.keys(schema.patternProperties ?? {});
  return Object.hasOwn(schema.properties ?? {}, key) || patterns.some((one) => new RegExp(one, 'u').test(key));
}

/** What each keyword makes of its body: a test of a value. `of` compiles a schema inside, `beside` is the schema. */
const KEYWORDS = {
  type: (body) => (value) => [body].flat().some((name) => TYPES[name](value)),
  const: (body) => (value) => same(body, value),
  enum: (body) => (value) => body.some((one) => same(one, value)),
  $ref: (body, of, beside, resolve) => resolve(body),
  allOf: (body, of) => { const parts = body.map(of); return (value) => parts.every((part) => part(value)); },
  anyOf: (body, of) => { const parts = body.map(of); return (value) => parts.some((part) => part(value)); },
  oneOf: (body, of) => {
    const parts = body.map(of);
    return (value) => parts.filter((part) => part(value)).length === 1;
  },
  not: (body, of) => { const part = of(body); return (value) => !part(value); },
  if: (body, of, { then = true, else: otherwise = true }) => {
    const [test, yes, no] = [body, then, otherwise].map(of);
    return (value) => (test(value) ? yes(value) : no(value));
  },
  then: () => () => true,
  else: () => () => true,
  required: (body) => ifObject((value) => body.every((key) => Object.hasOwn(value, key))),
  properties: (body, of) => {
    const parts = Object.entries(body).map(([key, schema]) => [key, of(schema)]);
    return ifObject((value) => parts.every(([key, part]) => !Object.hasOwn(value, key) || part(value[key])));
  },
  patternProperties: (body, of) => {
    const parts = Object.entries(body).map(([pattern, schema]) => [new RegExp(pattern, 'u'), of(schema)]);
    return (value) => entries(value).every(([key, one]) => parts.every(([name, part]) => !name.test(key) || part(one)));
  },
  additionalProperties: (body, of, beside) => {
    const part = of(body);
    return (value) => entries(value).every(([key, one]) => isNamed(beside, key) || part(one));
  },
  propertyNames: (body, of) => { const part = of(body); return (value) => entries(value).every(([key]) => part(key)); },
  minProperties: (body) => ifObject((value) => Object.keys(value).length >= body),
  maxProperties: (body) => ifObject((value) => Object.keys(value).length <= body),
  items: (body, of) => { const part = of(body); return ifList((value) => value.every(part)); },
  minItems: (body) => ifList((value) => value.length >= body),
  maxItems: (body) => ifList((value) => value.length <= body),
  minLength: (body) => ifText((value) => length(value) >= body),
  maxLength: (body) => ifText((value) => length(value) <= body),
  pattern: (body) => { const pattern = new RegExp(body, 'u'); return ifText((value) => pattern.test(value)); },
  minimum: (body) => ifNumber((value) => value >= body),
  maximum: (body) => ifNumber((value) => value <= body),
  exclusiveMinimum: (body) => ifNumber((value) => value > body),
  exclusiveMaximum: (body) => ifNumber((value) => value < body),
};
/** What says nothing about validity: `x-alias-of` marks another spelling of a property, `x-remedy` says what to do. */
const ANNOTATIONS = ['$defs', 'x-alias-of', 'x-remedy'];

class Schemas {
  /** Documents by name, such as `login`; they refer to each other as `login.schema.json`. */
  constructor(documents) {
    this.documents = documents;
    this.compiled = new Map();
  }

  /** Whether a JSON value is valid by the document of this name. */
  isValid(name, value) { return this.test(this.documents[name], this.documents[name])(value); }

  /** The test that a schema inside a document stands for; compiled once. */
  test(schema, document = schema) {
    if (typeof schema === 'boolean') return () => schema;
    if (!this.compiled.has(schema)) this.compiled.set(schema, this.compile(schema, document));
    return this.compiled.get(schema);
  }

  compile(schema, document) {
    const of = (part) => this.test(part, document);
    const resolve = (reference) => (value) => this.test(...this.follow(reference, document))(value);
    const parts = Object.entries(schema)
      .filter(([key]) => !ANNOTATIONS.includes(key))
      .map(([key, body]) => KEYWORDS[key](body, of, schema, resolve));
    return (value) => parts.every((part) => part(value));
  }

  /** The schema that a reference names, and the document it stands in. */
  follow(reference, document) {
    const other = this.documents[reference.replace(/\.schema\.json$/, '')];
    if (!reference.startsWith('#')) return [other, other];
    return [reference.split('/').slice(1).reduce((found, part) => found[part], document), document];
  }

  /** Where a value that is not valid breaks its document, as a JSON pointer, and what to do about it. */
  explain(name, value) {
    const document = this.documents[name];
    return this.fault({ schema: document, document, value, place: '', remedy: '' });
  }

  fault({ schema, document, value, place, remedy: outer }) {
    const remedy = schema['x-remedy'] ?? outer;
    const inside = [...members(schema, value), ...this.parts(schema, document, value)]
      .map((part) => ({ document, value, remedy, ...part, place: place + (part.place ?? '') }))
      .find((part) => !this.test(part.schema, part.document)(part.value));
    return inside ? this.fault(inside) : { place, remedy };
  }

  /** The schemas inside that speak of the same value. */
  parts(schema, document, value) {
    const parts = (schema.allOf ?? []).map((part) => ({ schema: part }));
    const [target, home] = schema.$ref ? this.follow(schema.$ref, document) : [];
    if (target) parts.push({ schema: target, document: home });
    if (schema.if) parts.push({ schema: (this.test(schema.if, document)(value) ? schema.then : schema.else) ?? true });
    return parts;
  }

  /** The value under the main spellings of its keys; where both are there the main one wins. */
  canonical(name, value) { return this.renamed(this.documents[name], this.documents[name], value); }

  renamed(schema, document, value) {
    if (schema.$ref) return this.renamed(...this.follow(schema.$ref, document), value);
    const whole = (schema.allOf ?? []).reduce((given, part) => this.renamed(part, document, given), value);
    if (Array.isArray(whole) && schema.items) return whole.map((item) => this.renamed(schema.items, document, item));
    return isObject(whole) && schema.properties ? this.renamedObject(schema.properties, document, whole) : whole;
  }

  renamedObject(properties, document, value) {
    const found = new Map();
    for (const [key, one] of Object.entries(value)) {
      const schema = Object.hasOwn(properties, key) ? properties[key] : {};
      const main = schema['x-alias-of'] ?? key;
      const given = this.renamed(schema, document, one);
      found.set(main, found.has(main) ? merged(found.get(main), given, main !== key) : given);
    }
    return Object.fromEntries(found);
  }
}

/** The schemas of names, members and items of a value, each with its place. */
function members(schema, value) {
  const { propertyNames = true, properties = {}, additionalProperties = true, items = true } = schema;
  if (Array.isArray(value)) return value.map((item, index) => ({ schema: items, value: item, place: `/${index}` }));
  return entries(value).flatMap(([key, one]) => {
    const named = Object.hasOwn(properties, key) ? properties[key] : isNamed(schema, key) || additionalProperties;
    return [{ schema: propertyNames, value: key, place: `/${key}` }, { schema: named, value: one, place: `/${key}` }];
  });
}

function merged(first, second, firstWins) {
  const [winner, other] = firstWins ? [first, second] : [second, first];
  return isObject(winner) && isObject(other) ? { ...other, ...winner } : winner;
}

module.exports = { ANNOTATIONS, KEYWORDS, Schemas };
