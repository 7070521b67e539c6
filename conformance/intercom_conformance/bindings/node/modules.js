'use strict';

/** Runs a binding's files anew for each freshly installed app, though each file is read and compiled only once. */

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');

/** The file as a function of these names, the way that a module wrapper is one. */
function compile(file, names) {
  return vm.compileFunction(fs.readFileSync(file, 'utf8'), names, { filename: file });
}

function read(file) {
  const require = createRequire(file);
  const found = new Map();
  const resolve = (request) => found.get(request) ?? found.set(request, require.resolve(request)).get(request);
  return { run: compile(file, ['exports', 'require', 'module', '__filename', '__dirname']), require, resolve };
}

/**
 * A function that runs a CommonJS file, with the files that it requires by their paths, and gives what it exports.
 * What stands in `replaced` is required instead of the packages of these names; everything else is as Node.js has it.
 */
function rerunnable(entry, replaced) {
  const files = new Map();
  const known = (file) => files.get(file) ?? files.set(file, read(file)).get(file);
  return () => {
    const modules = new Map();
    const load = (file) => {
      if (modules.has(file)) return modules.get(file).exports;
      const module = { exports: {} };
      modules.set(file, module);
      const { run, require, resolve } = known(file);
      const required = (request) => {
        if (Object.hasOwn(replaced, request)) return replaced[request];
        return request.startsWith('.') && !request.endsWith('.json') ? load(resolve(request)) : require(request);
      };
      run.call(module.exports, module.exports, required, module, file, path.dirname(file));
      return module.exports;
    };
    return load(entry);
  };
}

module.exports = { compile, rerunnable };
