'use strict';

/** JSON values: copies that share nothing, comparison, and what is not JSON at all. */

/** A value has a part that is not JSON, at `place`, a JSON pointer. */
class NotJson extends Error {
  constructor(place) { super(`no JSON at ${place}`); this.place = place; }
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isMap = (value) => Object.prototype.toString.call(value) === '[object Object]';
const member = (value, key) => (
  isObject(value) && typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined
);
/** Neither absent nor null nor an empty text. */
const isGiven = (value) => value !== undefined && value !== null && value !== '';

/**
 * A copy of a value in JSON's types. Members that are undefined are left out, as in JSON. NotJson is thrown for what
 * no bridge carries unharmed: functions, dates, numbers that are not finite, half a character, nesting beyond `depth`.
 */
function plain(value, depth = 64, place = '') {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && !/\p{Surrogate}/u.test(value)) return value;
  if (depth < 0 || !(Array.isArray(value) || isMap(value))) throw new NotJson(place);
  const inner = (one, key) => plain(one, depth - 1, `${place}/${key}`);
  if (Array.isArray(value)) return Array.from(value, (item, index) => inner(item === undefined ? null : item, index));
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(members.map(([key, one]) => [plain(key, depth, place), inner(one, key)]));
}

/** Whether two JSON values are the same; the order of keys does not matter. */
function same(one, other) {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length
    && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

module.exports = { NotJson, isGiven, isObject, member, plain, same };
