export default { test: { include: ['inline.vitest.ts'] } };
