'use strict';

/**
 * The fake of @intercom/intercom-react-native at the disposal of the kit that wrote it:
 *   intercom-conformance run 'cmd:node conformance/react-native.js [ios] [waiting]'
 * With `waiting`, retries take virtual time instead of coming at once.
 */
const { serve } = require('./wire.js');
const { machine } = require('../index.js');
const { default: Intercom, fake } = require('../react-native.js');

const PACKAGE = { unreadConversationCount: 'getUnreadConversationCount', sendPushToken: 'sendTokenToIntercom' };
const LACKING = ['aliases', 'callbacks'];
const platform = process.argv.includes('ios') ? 'ios' : 'android';

/** Where there is nothing to tell, the package resolves with true. */
const told = (name) => (value) => (machine.methods[name].tells ? value : undefined);
const run = (name) => (args) => Intercom[PACKAGE[name] ?? name](...args).then(told(name));

serve({
  binding: {
    name: 'intercom-fake/react-native',
    version: machine.version,
    platform,
    kind: 'self-contained',
    style: 'promises',
    capabilities: machine.capabilities.filter((name) => !LACKING.includes(name)),
  },
  methods: Object.fromEntries(Object.keys(machine.methods).map((name) => [name, run(name)])),
  reset: () => fake.reset({ platform, immediate: !process.argv.includes('waiting') }),
  advance: (seconds) => fake.advance(seconds),
  environment: (event, args) => fake.happens(event, ...args),
  observe: () => fake.snapshot,
});
