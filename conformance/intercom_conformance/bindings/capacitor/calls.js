'use strict';

/**
 * The guide's calls as an app writes them with this plugin, and back: `calls.json`, for every part that needs it.
 *
 * A row has the plugin's function (`call`) and the names under which its one argument takes what the guide gives in
 * order (`options`), the numbers among them as text (`text`). Without options, the function takes what the guide's
 * method takes, and `whole` says that it is read. `when` is the space, the visibility or the type of content that a
 * function stands for.
 */
const path = require('node:path');
const { PARAMETERS, call, capabilities } = require('../node/guide.js');
const CALLS = require('./calls.json');

const ROWS = Object.entries(CALLS).flatMap(([name, rows]) => rows.map((row) => [row.call, { name, ...row }]));
const BY_CALL = new Map(ROWS);

const isContent = (name) => name === 'presentContent';
const written = (row, value) => (row.text && typeof value === 'number' ? String(value) : value);
const read = (row, value) => (row.text && typeof value === 'string' && Number(value).toString() === value
  ? Number(value) : value);

/** The row for a call of the guide; undefined if the plugin has no function for it. */
function row(name, [first]) {
  const subject = isContent(name) ? first?.type : first;
  return CALLS[name]?.find(({ when }) => when === undefined || when === subject);
}

/** The plugin's function for a call of the guide, and the arguments as an app writes them. */
function write(name, args) {
  const found = row(name, args);
  if (found === undefined) return [name, args];
  if (found.options === undefined) return [found.call, found.when === undefined ? args : []];
  const values = isContent(name) ? [args[0].id] : args;
  const named = values.map((value, index) => [found.options[index], written(found, value)]);
  return [found.call, values.length ? [Object.fromEntries(named)] : []];
}

/** The guide's call that a function of the plugin stands for, from the options that reach its native half. */
function meant(call, options) {
  const found = BY_CALL.get(call);
  if (found.whole) return [found.name, [options]];
  const given = (found.options ?? []).filter((name) => options?.[name] !== undefined);
  const values = given.map((name) => read(found, options[name]));
  if (isContent(found.name)) return [found.name, [{ type: found.when, id: values[0] }]];
  return [found.name, found.when === undefined ? values : [found.when]];
}

/** The functions that stand for a method of the guide, or for one use of it. */
function functions(name, use) {
  return (CALLS[name] ?? []).filter(({ when }) => use === undefined || when === use).map((found) => found.call);
}

/** Whether functions stand for the call. By their types, a login takes no further attributes, an update no companies. */
function offers(names, name, argument) {
  if (argument === 'attributes' || argument === 'companies') return false;
  const found = functions(name, argument);
  return found.length > 0 && found.every((one) => names.includes(one));
}

/** What an adapter serves: the package in the folder, by the names of its functions, and the plugin that it has now. */
function served(folder, platform, names, plugin) {
  const { name, version } = require(path.resolve(folder, 'package.json'));
  const run = (method) => (args) => call(plugin(), ...write(method, args));
  const offered = capabilities((...use) => offers(names, ...use));
  return {
    binding: { name, version, platform, style: 'promises', capabilities: offered },
    methods: Object.fromEntries(Object.keys(PARAMETERS).map((method) => [method, run(method)])),
  };
}

module.exports = { ALL: [...BY_CALL.keys()], meant, served };
