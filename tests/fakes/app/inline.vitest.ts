import { expect, test, vi } from 'vitest';
import { fake } from 'intercom-fake/react-native';
import { signIn } from './app';

vi.mock('@intercom/intercom-react-native', () => import('intercom-fake/react-native'));

test('one line in a test is enough', async () => {
  expect(await signIn('1')).toBe('welcome');
  expect(fake.user?.user_id).toBe('1');
});
