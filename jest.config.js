/**
 * Unit tests stand beside their source. Those that start programs, or hold limits with megabytes, are `*.heavy.test.ts`
 * (test/jest.heavy.config.js); test/ holds what needs real tools (test/jest.config.js).
 */
export default {
  roots: ['<rootDir>/packages', '<rootDir>/actions', '<rootDir>/test/demo', '<rootDir>/test/bench'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.heavy\\.test\\.ts$'],
  // As many as there are cores: jest's own default leaves one of two idle.
  maxWorkers: '100%',
  testEnvironment: 'node',
  testTimeout: 20_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^@tidegate/([a-z]+)$': '<rootDir>/packages/$1/src/index.ts' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
};
