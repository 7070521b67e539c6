'use strict';

/**
 * For Jest: `setupFilesAfterEnv: ['intercom-fake/jest']`. Every import of @intercom/intercom-react-native is the fake,
 * its functions are spies that can be asked for their calls, and each test begins with a fresh one.
 */
/* global jest, beforeEach */
jest.mock('@intercom/intercom-react-native', () => require('intercom-fake/react-native'), { virtual: true });

const own = { ...require('./react-native.js').default };

beforeEach(() => {
  const { default: Intercom, fake } = require('./react-native.js');
  Object.assign(Intercom, own);
  for (const name of Object.keys(own)) jest.spyOn(Intercom, name);
  fake.reset();
});
