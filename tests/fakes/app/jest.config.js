module.exports = { testEnvironment: 'node', setupFilesAfterEnv: ['intercom-fake/jest'], testMatch: ['**/*.test.js'] };
