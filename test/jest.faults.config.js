/** Faults at every step of a push, races and sudden deaths: `npm test -- faults`. Many minutes, so not part of every run. */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

export default {
  ...base,
  rootDir,
  roots: ['<rootDir>/test/faults/engine'],
  testMatch: ['**/*.e2e.ts'],
  maxWorkers: 2,
  testTimeout: 120_000,
};
