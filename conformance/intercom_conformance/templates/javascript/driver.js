'use strict';

/**
 * Puts one binding at the disposal of intercom-conformance; written by its version {{version}}. README.md explains it.
 * What is marked REPLACE is a sample.
 */
const { native, serve } = require('./wire.js');

// REPLACE by your binding: const { Sdk } = require('my-sdk'). The sample passes each call on to its bridge.
class SampleSdk {
  constructor(bridge) { this.bridge = bridge; }
  loginUnidentifiedUser() { return this.bridge('loginUnidentifiedUser'); }
  loginUserWithUserAttributes(attributes) { return this.bridge('loginUserWithUserAttributes', [attributes]); }
  logout() { return this.bridge('logout'); }
  logEvent(name, metadata) { return this.bridge('logEvent', [name, metadata]); }
  isUserLoggedIn() { return this.bridge('isUserLoggedIn'); }
}

let sdk;

serve({
  // REPLACE: what your binding is. With style 'callbacks', each method below gets { success, error }, too.
  binding: {
    name: 'my-sdk',
    version: '0.0.0',
    platform: 'android',
    style: 'promises',
    capabilities: ['session', 'log-event', 'event-metadata', 'is-user-logged-in', 'missing-arguments'],
  },
  // REPLACE: how an app calls it, by the guide's names.
  methods: {
    loginUnidentifiedUser: (args) => sdk.loginUnidentifiedUser(...args),
    loginUserWithUserAttributes: (args) => sdk.loginUserWithUserAttributes(...args),
    logout: (args) => sdk.logout(...args),
    logEvent: (args) => sdk.logEvent(...args),
    isUserLoggedIn: (args) => sdk.isUserLoggedIn(...args),
  },
  // REPLACE: a newly installed app, with `native` where the bridge to the native SDK would be.
  reset() { sdk = new SampleSdk(native); },
  // A binding with timers has an idle(), too: a promise that none is pending.
});
