const { fake, install } = require('intercom-fake/cordova');

const window = {};
beforeEach(() => { fake.reset({ platform: 'android' }); install(window); });
const answered = (name, ...given) => new Promise((resolve) => {
  window.intercom[name](...given, (value) => resolve(['success', value]), (error) => resolve(['error', error]));
});

test('the samples of the guide run', async () => {
  const { intercom, intercomContent } = window;
  expect(await answered('loginUserWithUserAttributes', { email: 'sample-email@test.com', userId: '12345' }))
    .toEqual(['success', undefined]);
  intercom.logEvent('order-item', { order_date: 1392036272 }, {}, {});
  intercom.presentSpace(intercom.space.HelpCenter);
  expect(fake.screen.messenger).toBe('help_center');
  intercom.presentContent(intercomContent.carouselWithCarouselId('1234'));
  expect(fake.screen.messenger).toBe('carousel');
  expect(intercom.unreadConversationCount()).toBe(0);
  expect(fake.user.events).toHaveLength(1);
});

test('callbacks come after the call has returned, and errors in the way of the platform', async () => {
  let told = 0;
  window.intercom.present(() => { told += 1; }, () => { told += 1; });
  expect(told).toBe(0);
  await Promise.resolve();
  expect(told).toBe(1);
  expect(await answered('present')).toEqual(['error', expect.stringMatching(/^401 : /)]);
  fake.reset({ platform: 'ios' });
  expect(await answered('present')).toEqual(['error', 401]);
});

test('deprecated names do the same, and warn', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  expect(await answered('registerIdentifiedUser', { userId: '1' })).toEqual(['success', undefined]);
  window.intercom.displayArticle('5678');
  expect(fake.screen.content).toEqual({ type: 'ARTICLE', id: '5678' });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    'intercom.registerIdentifiedUser is deprecated. Call intercom.loginUserWithUserAttributes.',
    'intercom.displayArticle is deprecated. Call intercom.presentContent.',
  ]);
});

test('what was installed goes away again', () => {
  const page = { intercom: 'theirs' };
  const uninstall = install(page);
  expect(page.intercom).toBe(window.intercom);
  uninstall();
  expect(page.intercom).toBe('theirs');
});
