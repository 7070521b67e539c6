'use strict';

/**
 * The fake of cordova-plugin-intercom at the disposal of the kit that wrote it:
 *   intercom-conformance run 'cmd:node conformance/cordova.js [ios] [waiting]'
 * With `waiting`, retries take virtual time instead of coming at once.
 */
const { serve } = require('./wire.js');
const { machine } = require('../index.js');
const { fake, install } = require('../cordova.js');

const platform = process.argv.includes('ios') ? 'ios' : 'android';
const app = {};
install(app);

/** A call as an app makes it: arguments that are missing are undefined, and the callbacks come last. */
const run = (name, length) => (args, { success, error }) => {
  const given = Array.from({ length }, (_, place) => args[place]);
  return app.intercom[name](...given, success, error);
};
const count = (method) => machine.methods[method].parameters.length;
const counted = Object.keys(machine.methods).map((name) => [name, count(name)]);
const aliased = Object.entries(machine.aliases).map(([name, target]) => [name, count(target)]);

serve({
  binding: {
    name: 'intercom-fake/cordova',
    version: machine.version,
    platform,
    kind: 'self-contained',
    capabilities: machine.capabilities,
  },
  methods: Object.fromEntries([...counted, ...aliased].map(([name, parameters]) => [name, run(name, parameters)])),
  reset: () => fake.reset({ platform, immediate: !process.argv.includes('waiting') }),
  advance: (seconds) => fake.advance(seconds),
  environment: (event, args) => fake.happens(event, ...args),
  observe: () => fake.snapshot,
});
