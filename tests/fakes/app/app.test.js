const { default: Intercom, Space } = require('@intercom/intercom-react-native');
const { events, fake } = require('intercom-fake/react-native');
const { IntercomEvents } = require('@intercom/intercom-react-native');
const app = require('./dist/app.js');

test('the app has the fake, and not the package', () => {
  expect(Space).toBe(require('intercom-fake/react-native').Space);
  expect(fake.calls).toEqual([]);
});

test('what somebody did before signing in belongs to the account', async () => {
  await Intercom.loginUnidentifiedUser();
  await app.browse('pricing');
  expect(await app.signIn('12345')).toBe('welcome');
  expect(fake.contacts).toHaveLength(1);
  expect(fake.user).toMatchObject({
    user_id: '12345', custom_attributes: { plan: 'free' }, events: [{ name: 'viewed', metadata: { page: 'pricing' } }],
  });
  expect(Intercom.logEvent).toHaveBeenCalledWith('viewed', { page: 'pricing' });
});

test('a sign-in that fails is told, and made up for by the next call', async () => {
  fake.network.fail();
  expect(await app.signIn('12345')).toBe('try again later (503)');
  expect(fake.user).toBeNull();
  fake.network.up();
  await app.browse('pricing');
  expect(fake.user.user_id).toBe('12345');
});

test('nothing is known before the answer comes', async () => {
  fake.network.hold();
  const signedIn = app.signIn('12345');
  expect(fake.calls).toMatchObject([{ method: 'loginUserWithUserAttributes', outcome: 'pending' }]);
  fake.network.answer();
  expect(await signedIn).toBe('welcome');
});

test('what is on screen, and what an app can hear', async () => {
  const heard = [];
  const subscription = events.addListener(IntercomEvents.IntercomUnreadCountDidChange, (body) => heard.push(body));
  await app.signIn('12345');
  fake.publish('ARTICLE', '42');
  await app.showArticle('42');
  expect(fake.screen).toMatchObject({ messenger: 'article', content: { type: 'ARTICLE', id: '42' } });
  await app.showHelp();
  expect(fake.screen).toMatchObject({ messenger: 'help_center', content: null });
  fake.happens('message_arrives');
  expect(await app.unread()).toBe(1);
  subscription.remove();
  fake.happens('message_arrives');
  expect(heard).toEqual([{ count: 1 }]);
});

test('what the app asks first needs a user', async () => {
  await expect(app.unread()).resolves.toBe(0);
  await expect(app.browse('pricing')).rejects.toMatchObject({ code: '401' });
  await expect(Intercom.updateUser({ signedUpAt: new Date() })).rejects.toThrow(/log in/i);
});
