'use strict';

/**
 * Between the guide's names and those of the web, by the tables in keys.json. On the web, custom attributes stand
 * among the others, a login without an identity is that of a visitor, and some calls cannot be written: `Unwritable`.
 */

const { Unwritable } = require('../node/wire.js');
const KEYS = require('./keys.json');

const CUSTOM = ['customAttributes', 'custom_attributes'];
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const turned = (table) => Object.fromEntries(Object.entries(table).map(([guide, web]) => [web, guide]));
const refuse = (what) => { throw new Unwritable(`${what} cannot be written on the web`); };

/** The web's word for one of the guide's, or what is neither as it is. */
function word(table, value) {
  if (typeof value === 'string' && Object.hasOwn(table, value)) return table[value];
  return Object.values(table).includes(value) ? refuse(JSON.stringify(value)) : value;
}

/** The guide's word for one of the web's, or what is neither as it is. */
const meant = (table, value) => Object.keys(table).find((guide) => table[guide] === value) ?? value;

/** The one object of custom attributes, whichever spelling it has. */
function custom(attributes) {
  const given = CUSTOM.filter((key) => Object.hasOwn(attributes, key)).map((key) => attributes[key]);
  if (given.length > 1) refuse('two objects of custom attributes');
  return given[0];
}

/** A function that writes attributes with a table's names; `place` puts the custom attributes where they belong. */
const writer = (tables, place) => function write(attributes, table = tables.user) {
  if (!isObject(attributes)) return attributes;
  const written = {};
  for (const [key, value] of Object.entries(attributes)) {
    const companies = key === 'companies' && table === tables.user && Array.isArray(value);
    const said = companies ? value.map((one) => write(one, tables.company)) : value;
    if (Object.hasOwn(table, key)) written[table[key]] = said;
    else if (!CUSTOM.includes(key)) refuse(`the attribute ${key}`);
  }
  return place(written, custom(attributes), table);
};

/** Attributes as the messenger takes them: custom ones among the others. */
const settings = writer(KEYS, (written, given, table) => {
  if (given === undefined) return written;
  if (!isObject(given)) refuse('custom attributes that are no object');
  const taken = [...Object.values(table), ...KEYS.settings];
  const clash = Object.keys(given).find((key) => taken.includes(key));
  return clash === undefined ? { ...written, ...given } : refuse(`a custom attribute ${clash}`);
});

/** Attributes as react-use-intercom takes them: custom ones in an object of their own, which becomes one with them. */
const props = writer(KEYS.react, (written, given, table) => {
  if (isObject(given)) settings({ customAttributes: given }, KEYS[table === KEYS.react.user ? 'user' : 'company']);
  return given === undefined ? written : { ...written, customAttributes: given };
});

/** The guide's attributes in what the messenger was given, without its own settings. */
function attributes(given, table = KEYS.user) {
  if (!isObject(given)) return given;
  const [names, found, others] = [turned(table), {}, {}];
  for (const [key, value] of Object.entries(given)) {
    const companies = key === 'companies' && table === KEYS.user && Array.isArray(value);
    const said = companies ? value.map((one) => attributes(one, KEYS.company)) : value;
    if (Object.hasOwn(names, key)) found[names[key]] = said;
    else if (!(table === KEYS.user && KEYS.settings.includes(key))) others[key] = value;
  }
  return Object.keys(others).length ? { ...found, customAttributes: others } : found;
}

/** Refuses a login that on the web would be a visitor's. */
function identified(login) {
  if (!isObject(login) || !('userId' in login || 'email' in login)) refuse('a login without an identity');
  return login;
}

module.exports = { KEYS, attributes, identified, isObject, meant, props, refuse, settings, word };
