import { expect, test } from 'vitest';
import Intercom from '@intercom/intercom-react-native';
import { fake } from 'intercom-fake/react-native';
import { browse, signIn, signInTheWrongWayRound } from './app';

test('what somebody did before signing in belongs to the account', async () => {
  await Intercom.loginUnidentifiedUser();
  await browse('pricing');
  expect(await signIn('12345')).toBe('welcome');
  expect(fake.contacts).toHaveLength(1);
  expect(fake.user).toMatchObject({ user_id: '12345', events: [{ name: 'viewed' }] });
  expect(Intercom.logEvent).toHaveBeenCalledWith('viewed', { page: 'pricing' });
});

test('each test begins anew', () => {
  expect(fake.contacts).toEqual([]);
  expect(Intercom.logEvent).not.toHaveBeenCalled();
});

test.runIf(process.env.WRONG)('the name arrives', async () => {
  await signInTheWrongWayRound('12345', 'Ada');
  expect(fake.user?.attributes).toEqual({ name: 'Ada' });
});
