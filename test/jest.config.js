/** Tests with real tools: one suite for each subject, run with `npm test -- e2e`, one alone with `--selectProjects NAME`. */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

const rootDir = fileURLToPath(new URL('..', import.meta.url));
// How many at a time is said once, for all suites.
const { maxWorkers: _, ...each } = base;

/** One folder a subject: tests of whole steps, with the tools, registries and databases of test/support/suite.ts. */
const STEPS = [
  'build',
  'chain',
  'cli',
  'contents',
  'documents',
  'faults',
  'inputs',
  'mistakes',
  'moving',
  'policy',
  'rescan',
  'secrets',
  'sources',
  'tool-failures',
];

const suite = (displayName, folder, more = {}) => ({
  ...each,
  displayName,
  rootDir,
  roots: [`<rootDir>/test/${folder}`],
  testMatch: ['**/*.e2e.ts'],
  ...more,
});

export default {
  rootDir,
  // A file keeps a core busy for about two thirds of its time, so three at a time for the two cores of a small runner.
  maxWorkers: 3,
  // Most take seconds; with three at a time on a slow machine, those that install packages take minutes.
  testTimeout: 300_000,
  projects: [
    suite('e2e', 'e2e', {
      roots: STEPS.map((folder) => `<rootDir>/test/${folder}`),
      globalSetup: '<rootDir>/test/support/suite-setup.mjs',
      globalTeardown: '<rootDir>/test/support/suite-teardown.mjs',
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/faults/engine/'],
    }),
    suite('first-run', 'first-run', { testPathIgnorePatterns: ['/node_modules/', 'three-ways'] }),
    // What an attacker wants, one file a class: the same tools, registries and databases as `e2e`.
    suite('attacks', 'attacks', {
      globalSetup: '<rootDir>/test/support/suite-setup.mjs',
      globalTeardown: '<rootDir>/test/support/suite-teardown.mjs',
    }),
    suite('interop', 'interop'),
    suite('workflow', 'workflow'),
    suite('report', 'report'),
    suite('demo', 'demo'),
    suite('docs', 'docs'),
  ],
};
