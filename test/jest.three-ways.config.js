/** Six applications in all three ways of use, with each preset: some minutes for each, so it is no part of npm test. */
import base from './jest.config.js';

const { projects: _, ...shared } = base;
const [first] = base.projects.filter(({ displayName }) => displayName === 'first-run');

export default {
  ...shared,
  projects: [
    {
      ...first,
      displayName: 'three-ways',
      testPathIgnorePatterns: ['/node_modules/'],
      testMatch: ['**/three-ways.e2e.ts'],
    },
  ],
};
