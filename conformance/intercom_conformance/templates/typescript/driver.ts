/**
 * Puts one binding at the disposal of intercom-conformance; written by its version {{version}}. README.md explains it.
 * What is marked REPLACE is a sample.
 */
import { native, serve } from './wire.cjs';

type Bridge = typeof native;

// REPLACE by your binding: import { Sdk } from 'my-sdk'. The sample passes each call on to its bridge.
class SampleSdk {
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) { this.#bridge = bridge; }
  loginUnidentifiedUser() { return this.#bridge('loginUnidentifiedUser'); }
  loginUserWithUserAttributes(attributes?: object) { return this.#bridge('loginUserWithUserAttributes', [attributes]); }
  logout() { return this.#bridge('logout'); }
  logEvent(name?: string, metadata?: object) { return this.#bridge('logEvent', [name, metadata]); }
  isUserLoggedIn() { return this.#bridge('isUserLoggedIn'); }
}

let sdk: SampleSdk;

serve({
  // REPLACE: what your binding is. With style 'callbacks', each method below gets { success, error }, too.
  binding: {
    name: 'my-sdk',
    version: '0.0.0',
    platform: 'android',
    language: 'typescript',
    style: 'promises',
    capabilities: ['session', 'log-event', 'event-metadata', 'is-user-logged-in', 'missing-arguments'],
  },
  // REPLACE: how an app calls it, by the guide's names. The arguments are of any type: an app may be wrong, too.
  methods: {
    loginUnidentifiedUser: () => sdk.loginUnidentifiedUser(),
    loginUserWithUserAttributes: ([attributes]) => sdk.loginUserWithUserAttributes(attributes),
    logout: () => sdk.logout(),
    logEvent: ([name, metadata]) => sdk.logEvent(name, metadata),
    isUserLoggedIn: () => sdk.isUserLoggedIn(),
  },
  // REPLACE: a newly installed app, with `native` where the bridge to the native SDK would be.
  reset() { sdk = new SampleSdk(native); },
  // A binding with timers has an idle(), too: a promise that none is pending.
});
