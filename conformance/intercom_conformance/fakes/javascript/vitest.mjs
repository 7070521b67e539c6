import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * For Vitest: `plugins: [intercomFake()]` in its configuration. Every import of @intercom/intercom-react-native is the
 * fake, its functions are spies that can be asked for their calls, and each test begins with a fresh one.
 */
export default function intercomFake() {
  return {
    name: 'intercom-fake',
    config: () => ({
      resolve: { alias: { '@intercom/intercom-react-native': here('./react-native.mjs') } },
      test: { setupFiles: [here('./vitest-setup.mjs')] },
    }),
  };
}
