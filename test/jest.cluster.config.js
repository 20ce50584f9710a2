/**
 * Policies and manifests, judged by the engines and tools of clusters: `npm test -- cluster`. Not part of every run,
 * because building these takes many minutes.
 */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

const rootDir = fileURLToPath(new URL('..', import.meta.url));
const { maxWorkers, ...each } = base;
/** They ship an image first, or build one, with what the end-to-end tests share. */
const WITH_SUITE = ['admission', 'builder-pods', 'deployment'];
const project = (displayName, more) => ({ ...each, displayName, rootDir, roots: ['<rootDir>/test/cluster'], ...more });

export default {
  rootDir,
  maxWorkers,
  testTimeout: 120_000,
  projects: [
    project('cluster', {
      testMatch: ['**/*.e2e.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...WITH_SUITE.map((name) => `/${name}\\.e2e\\.ts$`)],
    }),
    project('cluster with suite', {
      testMatch: WITH_SUITE.map((name) => `**/${name}.e2e.ts`),
      globalSetup: '<rootDir>/test/support/suite-setup.mjs',
      globalTeardown: '<rootDir>/test/support/suite-teardown.mjs',
    }),
  ],
};
