'use strict';

/**
 * Runs the JavaScript of @intercom/intercom-react-native as published, in Node.js: `node adapter.js FOLDER [ios]`.
 *
 * The native module below it is replaced: it answers as the package's Java and Objective-C do, `true` where the SDK has
 * nothing to tell, and else the SDK's value or an Error with the SDK's code and message.
 */

const { native, serve } = require('../node/wire.js');
const { served } = require('./app.js');

const [folder, platform = 'android'] = process.argv.slice(2);

/** The guide's names of what the native module calls otherwise. */
const NATIVE = {
  presentIntercom: 'present',
  presentIntercomSpace: 'presentSpace',
  getUnreadConversationCount: 'unreadConversationCount',
  sendTokenToIntercom: 'sendPushToken',
};

const answered = (value) => (value === undefined ? true : value);
const bridge = (name) => (...args) => native(NATIVE[name] ?? name, args).then(answered);
const IntercomModule = new Proxy({}, { get: (_, name) => (typeof name === 'string' ? bridge(name) : undefined) });

serve(served(folder, platform, IntercomModule));
