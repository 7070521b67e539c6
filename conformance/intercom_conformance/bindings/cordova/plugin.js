'use strict';

/** Loads the JavaScript of a Cordova plugin the way that Cordova does: by the plugin.xml in its folder. */

const fs = require('node:fs');
const path = require('node:path');
const { compile } = require('../node/modules.js');

const MODULE = /<js-module\b([^>]*?)(?:\/>|>([\s\S]*?)<\/js-module>)/g;
const PLATFORM = /<platform\b[^>]*\bname=["']([^"']*)["'][^>]*>[\s\S]*?<\/platform>/g;

const attribute = (text, name) => new RegExp(`\\b${name}=["']([^"']*)["']`).exec(text)?.[1];
const elements = (text, tag) => text.match(new RegExp(`<${tag}\\b[^>]*>`, 'g')) ?? [];
const targets = (text, tag) => elements(text, tag).map((element) => attribute(element, 'target'));

/** What plugin.xml says of the plugin: its id, its version, and its modules on the platform. */
function describe(folder, platform) {
  const xml = fs.readFileSync(path.join(folder, 'plugin.xml'), 'utf8').replace(/<!--[\s\S]*?-->/g, '');
  const [plugin = ''] = elements(xml, 'plugin');
  const valid = xml.replace(PLATFORM, (whole, name) => (name === platform ? whole : ''));
  const modules = [...valid.matchAll(MODULE)].map(([, given, inside = '']) => ({
    name: attribute(given, 'name'),
    src: attribute(given, 'src'),
    clobbers: targets(inside, 'clobbers'),
    merges: targets(inside, 'merges'),
  }));
  return { id: attribute(plugin, 'id'), version: attribute(plugin, 'version'), modules };
}

/** The object that holds the last name of a path such as `cordova.plugins.intercom`, and that name. */
function place(target) {
  const names = target.split('.').filter((name, index) => index > 0 || name !== 'window');
  const last = names.pop();
  return [names.reduce((holder, name) => (holder[name] ??= {}), globalThis), last];
}

/** Removes the global that an earlier run left there; Cordova's own is not the plugin's. */
function forget(target) {
  const [root] = target.split('.').filter((name) => name !== 'window');
  if (root !== 'cordova') delete globalThis[root];
}

/** A function that runs the plugin's modules anew, each in Cordova's wrapper, and gives them to the globals they ask for. */
function prepare(folder, { id, modules }) {
  const scripts = modules.map(({ src }) => compile(path.resolve(folder, src), ['require', 'exports', 'module']));
  return (builtIn) => {
    for (const target of modules.flatMap(({ clobbers, merges }) => [...clobbers, ...merges])) forget(target);
    const loaded = { ...builtIn };
    const find = (name) => loaded[name] ?? loaded[`${id}.${name.replace(/^\.\//, '')}`];
    modules.forEach(({ name, clobbers, merges }, index) => {
      const module = { exports: {} };
      scripts[index](find, module.exports, module);
      loaded[`${id}.${name}`] = module.exports;
      for (const [holder, last] of clobbers.map(place)) holder[last] = module.exports;
      for (const [holder, last] of merges.map(place)) Object.assign((holder[last] ??= {}), module.exports);
    });
  };
}

module.exports = { describe, forget, prepare };
