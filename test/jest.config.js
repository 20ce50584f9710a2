/** What needs real tools: one suite for each room, run with `npm test -- e2e`, one alone with `--selectProjects NAME`. */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

const suite = (displayName, folder, more = {}) => ({
  ...base,
  displayName,
  rootDir,
  roots: [`<rootDir>/test/${folder}`],
  testMatch: ['**/*.e2e.ts'],
  ...more,
});

export default {
  rootDir,
  // One after the other: the tools use every core there is, and share one BuildKit.
  maxWorkers: 1,
  testTimeout: 120_000,
  projects: [
    suite('e2e', 'e2e', {
      globalSetup: '<rootDir>/test/e2e/suite-setup.mjs',
      globalTeardown: '<rootDir>/test/e2e/suite-teardown.mjs',
    }),
    suite('workflow', 'workflow'),
    suite('demo', 'demo'),
  ],
};
