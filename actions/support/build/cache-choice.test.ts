import { describe, expect, test } from '@jest/globals';
import { makeGitState, parsePlatform, planTags } from '@tidegate/core';
import { parseCacheEntries } from '@tidegate/pipeline';
import { type CacheChoiceInputs, chosenCache } from './cache-choice.ts';

const AMD64 = [parsePlatform('linux/amd64')];
const git = (event = 'push', ref = 'refs/heads/main') =>
  makeGitState({
    ...{ event, ref, sha: 'a'.repeat(40), defaultBranch: 'main', repository: 'acme/app' },
    headRepository: 'acme/app',
  });
const OFF: CacheChoiceInputs = {
  ...{ cache: 'off', 'cache-image': '', 'cache-from': [], 'cache-to': [], context: '.', name: '' },
};
const IMAGE = 'ghcr.io/acme/app';
const CACHE = 'ghcr.io/acme/app-cache';
const REGISTRY = { cache: 'registry', 'cache-image': CACHE } as const;

interface Given extends Partial<CacheChoiceInputs> {
  readonly event?: string;
  readonly ref?: string;
  readonly isPublished?: boolean;
  readonly platforms?: typeof AMD64;
  readonly destinations?: readonly string[];
}

function chosen({ event, ref, isPublished = true, platforms = AMD64, ...given }: Given) {
  const { destinations = [IMAGE], ...inputs } = given;
  return chosenCache({ ...OFF, ...inputs }, git(event, ref), { destinations, platforms, isPublished });
}
const refs = (lines: readonly string[]) =>
  lines.flatMap(parseCacheEntries).map(({ attributes }) => attributes.ref?.replace(`${CACHE}:`, ''));

test('off leaves cache-from and cache-to as they are', () => {
  const entries = { 'cache-from': ['type=gha'], 'cache-to': ['type=inline'] };
  expect(chosen(entries)).toMatchObject(entries);
});

describe('a cache in a repository of the image, whose pushers could choose the layers of a release,', () => {
  test.each([
    [`type=registry,ref=${IMAGE}:cache`],
    [`ref=GHCR.io/Acme/App:1.2.3,type=registry,mode=max`],
    [`"type=registry,ref=${IMAGE}"`],
    [IMAGE],
    [`type=gha`, `type=registry,ref=${IMAGE}`],
  ])('is refused: %s', (...lines) => {
    for (const direction of ['cache-from', 'cache-to'] as const) {
      for (const isPublished of [true, false]) {
        expect(() => chosen({ [direction]: lines, isPublished })).toThrow(
          new RegExp(`^Input ${direction}: .*other than that of the image`),
        );
      }
    }
  });

  test('of Docker Hub has several names', () => {
    const destinations = ['docker.io/library/app'];
    expect(() => chosen({ 'cache-from': ['app:cache'], destinations })).toThrow(/other than that of the image/);
  });

  test('is used by its digest, which nobody can replace, and so is one elsewhere', () => {
    for (const ref of [`${IMAGE}@sha256:${'a'.repeat(64)}`, `${CACHE}:x`, 'ghcr.io:443/x', 'not a name']) {
      const entries = { 'cache-from': [`type=registry,ref=${ref}`] };
      expect(chosen(entries)).toMatchObject(entries);
    }
  });
});

test.each([{ cache: 'gha' } as const, REGISTRY])(
  '$cache is read by every run, and written by those that publish',
  (inputs) => {
    for (const isPublished of [true, false]) {
      const { 'cache-from': from, 'cache-to': to } = chosen({ ...inputs, isPublished });
      expect([from.length > 0, to.length]).toEqual([true, isPublished ? 1 : 0]);
    }
  },
);

describe('registry', () => {
  test('is one image manifest per platform, in a tag of its repository', () => {
    expect(chosen(REGISTRY)).toEqual({
      'cache-from': [`type=registry,ref=${CACHE}:buildcache-linux-amd64`],
      'cache-to': [
        `type=registry,ref=${CACHE}:buildcache-linux-amd64,mode=max,image-manifest=true,oci-mediatypes=true`,
      ],
    });
  });

  test.each([
    ['a variant by its name', { name: 'alpine' }, ['buildcache-alpine-linux-amd64']],
    ['a leg, whose name ends with the platform', { name: 'app-linux-amd64' }, ['buildcache-app-linux-amd64']],
    ["the builder's own platform", { platforms: [] }, ['buildcache']],
    ['a git tag', { ref: 'refs/tags/v1.2.3' }, ['buildcache-linux-amd64']],
    ['a pull request', { event: 'pull_request', ref: 'refs/pull/7/merge' }, ['buildcache-linux-amd64']],
  ])('has a tag for %s', (_, given, tags) => {
    expect(refs(chosen({ ...REGISTRY, ...given })['cache-from'])).toEqual(tags);
  });

  test('of a branch is read by that branch alone, which reads that of the default branch as well', () => {
    const { 'cache-from': from, 'cache-to': to } = chosen({ ...REGISTRY, ref: 'refs/heads/release/1' });
    expect(refs(from)).toEqual([
      expect.stringMatching(/^buildcache-linux-amd64-branch-release-1-[0-9a-f]+$/),
      'buildcache-linux-amd64',
    ]);
    expect(refs(to)).toEqual([refs(from)[0]]);
  });

  test('has a tag of at most 128 characters', () => {
    const [one, other] = ['a', 'b'].map(
      (end) => refs(chosen({ ...REGISTRY, name: 'n'.repeat(127) + end })['cache-from'])[0],
    );
    expect([one?.length, other?.length]).toEqual([128, 128]);
    expect(one).not.toBe(other);
  });

  test('needs a repository without a tag', () => {
    expect(() => chosen({ cache: 'registry' })).toThrow(/^Input cache-image: .*because cache is registry/);
    expect(() => chosen({ ...REGISTRY, 'cache-image': `${CACHE}:x` })).toThrow(/without a tag or digest/);
  });

  test.each([
    ['ghcr.io/acme/app', ['ghcr.io/acme/app']],
    ['ghcr.io/acme/app', ['quay.io/acme/app', 'ghcr.io/acme/app']],
    ['acme/app', ['docker.io/acme/app']],
    ['docker.io/acme/app', ['index.docker.io/acme/app']],
  ])('in %s is not for an image of %j: its users could choose the layers of a release', (image, destinations) => {
    for (const isPublished of [true, false]) {
      const given = { ...REGISTRY, 'cache-image': image, destinations, isPublished };
      expect(() => chosen(given)).toThrow(/^Input cache-image: .*everybody who may push images there could choose/);
    }
  });
});

test.each([
  [{ cache: 'gha', 'cache-from': ['type=gha'] }, /^Input cache: got "gha", .*because cache-from is set/],
  [{ ...REGISTRY, 'cache-to': ['type=inline'] }, /^Input cache: got "registry", .*because cache-to is set/],
  [{ 'cache-image': IMAGE }, /^Input cache-image: .*because cache is off/],
  [{ cache: 'gha', 'cache-image': IMAGE }, /^Input cache-image: .*because cache is gha/],
] as const)('%j contradict each other', (given, says) => {
  expect(() => chosen(given)).toThrow(says);
});

describe('no image has the tag of a cache', () => {
  const plan = (ref: string, tags: readonly string[]) => planTags(git('push', ref), { tags, now: new Date(0) });

  test.each(['buildcache', 'buildcache-linux-amd64', 'BuildCache-x'])(
    'a branch %s has none, and its rule says why',
    (name) => {
      const { tags, left } = plan(`refs/heads/${name}`, ['branch']);
      expect([tags, left.map(({ reason }) => reason).join()]).toEqual([[], expect.stringMatching(/build caches/)]);
    },
  );

  test('a rule for one by hand is an error', () => {
    expect(() => plan('refs/heads/main', ['raw=buildcache-x'])).toThrow(
      /^Input tags: got "buildcache-x", expected a tag that is not one of build caches/,
    );
  });
});
