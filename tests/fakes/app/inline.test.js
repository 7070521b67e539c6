jest.mock('@intercom/intercom-react-native', () => require('intercom-fake/react-native'));

test('one line in a test is enough', async () => {
  const app = require('./dist/app.js');
  const { fake } = require('intercom-fake/react-native');
  expect(await app.signIn('1')).toBe('welcome');
  expect(fake.user.user_id).toBe('1');
});
