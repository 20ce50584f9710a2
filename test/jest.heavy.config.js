/** Unit tests that take their time: programs that are started and die, hostile texts of megabytes. `npm test -- heavy`. */
import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

export default {
  ...base,
  rootDir: fileURLToPath(new URL('..', import.meta.url)),
  testMatch: ['**/*.heavy.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // They share two cores with each other: the slowest takes 3 s alone.
  testTimeout: 60_000,
};
