import { defineConfig } from 'vitest/config';
import intercomFake from 'intercom-fake/vitest';

export default defineConfig({ plugins: [intercomFake()], test: { include: ['app.vitest.ts'] } });
