import { beforeEach, vi } from 'vitest';
import Intercom, { fake } from './react-native.mjs';

const own = { ...Intercom };

beforeEach(() => {
  Object.assign(Intercom, own);
  for (const name of Object.keys(own)) vi.spyOn(Intercom, name);
  fake.reset();
});
