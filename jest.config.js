/** Unit tests stand beside their source; test/ holds what needs real tools (see test/jest.config.js). */
export default {
  roots: ['<rootDir>/packages', '<rootDir>/actions', '<rootDir>/test/demo'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^@tidegate/([a-z]+)$': '<rootDir>/packages/$1/src/index.ts' },
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } }],
  },
};
