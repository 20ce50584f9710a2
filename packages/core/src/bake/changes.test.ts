/** Which changed paths concern a target of a bake file. */
import { describe, expect, test } from '@jest/globals';
import { sharedChange, targetChange } from './changes.ts';

const API = { context: 'services/api', file: 'services/api/Dockerfile', localContexts: ['lib'] };
const docs = (path: string) => path.startsWith('docs/');
const change = (paths: readonly string[], build = API) => targetChange(build, paths, docs);

describe('a target is built again', () => {
  test.each([
    'services/api/main.go',
    'services/api/Dockerfile',
    'services/api/Dockerfile.dockerignore',
    'services/api/.dockerignore',
    'lib/util.go',
    // A submodule that holds the context, and a folder that was a file.
    'services',
    'services/api',
    'lib',
  ])('where %s changed', (path) => {
    expect(change(['README.md', path])).toBe(`${path} changed`);
  });

  test.each(['.gitattributes', 'services/.gitattributes', 'services/api/docs/.gitattributes', 'lib/.gitattributes'])(
    'where %s changed: git writes its files differently, whatever .dockerignore excludes',
    (path) => {
      expect(change([path])).toBe(`${path} changed`);
    },
  );

  test('where its Dockerfile outside of the context changed', () => {
    expect(change(['docker/api'], { ...API, file: 'docker/api' })).toBe('docker/api changed');
    expect(change(['docker'], { ...API, file: 'docker/api' })).toBe('docker changed');
  });

  test('with the whole repository as context, where any file changed that is not ignored', () => {
    const whole = { context: '.', file: 'Dockerfile', localContexts: [] };
    expect(change(['a'], whole)).toBe('a changed');
    expect(change(['docs/a'], whole)).toBeUndefined();
    expect(change(['.dockerignore'], whole)).toBe('.dockerignore changed');
  });
});

test.each([
  ['services/api-docs/main.go'],
  ['services/web/Dockerfile'],
  ['services/api/docs/index.md'],
  ['library/a'],
  ['services/web/.gitattributes'],
  ['docs/.gitattributes'],
])('a target is left out where only %s changed', (path) => {
  expect(change([path])).toBeUndefined();
});

test('an ignored Dockerfile counts: BuildKit reads it all the same', () => {
  const build = { ...API, file: 'services/api/docs/Dockerfile' };
  expect(change(['services/api/docs/Dockerfile'], build)).toBe('services/api/docs/Dockerfile changed');
});

test('workflows, actions, the policy and the bake files concern every target', () => {
  for (const path of ['.github/workflows/ship.yml', '.github/tidegate.yml', 'docker-bake.hcl']) {
    expect(sharedChange(['a', path], ['docker-bake.hcl'])).toBe(`${path} changed`);
  }
  expect(sharedChange(['services/docker-bake.hcl', 'github/a'], ['docker-bake.hcl'])).toBeUndefined();
});
