import { expect, test } from '@jest/globals';
import { imageOf, nextSteps } from './next-steps.ts';

const file = (path: string) => ({ path, before: undefined, after: '' });
const stepsOf = (paths: readonly string[], added = ['.github/tidegate.yml']) =>
  nextSteps({ files: added.map(file), notes: [] }, paths, 'ghcr.io/acme/app');

test('the next steps are commands to copy', () => {
  expect(stepsOf(['api/Dockerfile', 'Dockerfile']).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    'Next:',
    "  git add .github/tidegate.yml && git commit -m 'Publish the image with Tidegate'",
    '  tidegate doctor  check this machine',
    '  tidegate ship ghcr.io/acme/app --no-publish  build, scan and judge here; publish nothing',
    '  git push  the workflow publishes the default branch',
  ]);
});

test('a Dockerfile in a folder is named, and without one nothing can be shipped', () => {
  expect(stepsOf(['api/Dockerfile'])[3]).toContain('tidegate ship ghcr.io/acme/app --context api --no-publish');
  expect(stepsOf(['Containerfile'])[3]).toContain('tidegate ship ghcr.io/acme/app --file Containerfile --no-publish');
  expect(stepsOf(['main.go'])).toHaveLength(3);
});

test('names of the repository are words of a shell, whatever they contain', () => {
  const [, add, , ship] = stepsOf(["a'; touch x; '/Dockerfile"], ["a'; touch x; '/.dockerignore", '-x/.dockerignore']);
  expect(add).toContain(`git add 'a'\\''; touch x; '\\''/.dockerignore' '-x/.dockerignore' && `);
  expect(ship).toContain(`--context 'a'\\''; touch x; '\\''' --no-publish`);
});

test.each([
  ['git@github.com:Acme/App.git', 'ghcr.io/acme/app'],
  ['https://gitlab.com/acme/app', 'IMAGE'],
  [undefined, 'IMAGE'],
])('the image of %s is %s', (origin, image) => {
  expect(imageOf(origin)).toBe(image);
});
