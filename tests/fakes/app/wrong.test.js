const { fake } = require('intercom-fake/react-native');
const app = require('./dist/app.js');

test('the name arrives', async () => {
  await app.signInTheWrongWayRound('12345', 'Ada');
  expect(fake.user.attributes).toEqual({ name: 'Ada' });
});
