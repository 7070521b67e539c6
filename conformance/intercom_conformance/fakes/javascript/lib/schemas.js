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
/** What says nothing about validity; `x-alias-of` marks another spelling of a property. */
const ANNOTATIONS = ['$defs', 'x-alias-of'];

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

function merged(first, second, firstWins) {
  const [winner, other] = firstWins ? [first, second] : [second, first];
  return isObject(winner) && isObject(other) ? { ...other, ...winner } : winner;
}

module.exports = { ANNOTATIONS, KEYWORDS, Schemas };
