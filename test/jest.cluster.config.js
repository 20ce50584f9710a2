/** A cluster's own policy engine: `npm test -- cluster`. Not part of every run, because building it takes many minutes. */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

export default {
  ...base,
  rootDir,
  roots: ['<rootDir>/test/cluster'],
  testMatch: ['**/*.e2e.ts'],
  testTimeout: 120_000,
};
