import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { annotationsAt } from '../image/annotations.ts';
import { known } from '../known.ts';
import { makeGitState, type RawGitState } from './git-state.ts';
import { makePlan, type PlanOptions } from './plan.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

function plan(over: Partial<RawGitState> = {}, options: Partial<PlanOptions> = {}) {
  const git = makeGitState({
    event: 'push',
    ref: 'refs/heads/main',
    sha: SHA,
    defaultBranch: 'main',
    repository: 'acme/app',
    ...over,
  });
  const now = new Date('2026-11-24T12:00:00Z');
  return makePlan(git, { images: ['ghcr.io/acme/app'], platforms: ['linux/amd64'], now, ...options });
}

describe('publication', () => {
  test.each(['release/[0-9]*', 'v?', 'a\\*'])('%j is not a pattern of branches', (pattern) => {
    expect(() => plan({}, { publishBranches: ['main', pattern] })).toThrow(/^Input publish-branches: got /);
  });

  test('a pattern with many stars ends, whatever a branch is called', () => {
    const ref = `refs/heads/${'a'.repeat(2000)}`;
    expect(plan({ ref }, { publishBranches: [`${'*a'.repeat(30)}b`] }).publish).toBe(false);
  });

  test.each<[string, Partial<RawGitState>, Partial<PlanOptions>, boolean, string]>([
    ['a push to the default branch', {}, {}, true, 'Will publish: push of branch main.'],
    ['a push of a version', { ref: 'refs/tags/v1.2.3' }, {}, true, 'Will publish: push of git tag v1.2.3.'],
    ['a schedule', { event: 'schedule' }, {}, true, 'schedule'],
    ['a dispatch on the default branch', { event: 'workflow_dispatch' }, {}, true, 'workflow_dispatch'],
    ['a release', { event: 'release', ref: 'refs/tags/v1.2.3' }, {}, true, 'release'],
    ['a push to another branch', { ref: 'refs/heads/dev' }, {}, false, 'branch dev is not a publishing branch (main)'],
    ['a dispatch on another branch', { event: 'workflow_dispatch', ref: 'refs/heads/dev' }, {}, false, 'branch dev'],
    ['another branch that publishes', { ref: 'refs/heads/dev' }, { publishBranches: ['dev'] }, true, 'branch dev'],
    ['a branch by glob', { ref: 'refs/heads/release/1.2' }, { publishBranches: ['release/*'] }, true, 'release/1.2'],
    [
      'a glob that does not fit',
      { ref: 'refs/heads/release/a/b' },
      { publishBranches: ['release/*'] },
      false,
      'release',
    ],
    ['main, where others were named', {}, { publishBranches: ['dev'] }, false, 'branch main'],
    ['a glob that says not', { ref: 'refs/heads/dev' }, { publishBranches: ['!main'] }, false, 'branch dev'],
    [
      'a pull request',
      { event: 'pull_request', ref: 'refs/pull/7/merge', headRepository: 'acme/app' },
      {},
      false,
      'a pull request (pull_request)',
    ],
    [
      'a fork',
      { event: 'pull_request', ref: 'refs/pull/7/merge', headRepository: 'mallory/app' },
      {},
      false,
      'Not published: a pull request from a fork.',
    ],
    [
      'pull_request_target, whose ref is main',
      { event: 'pull_request_target', headRepository: 'acme/app' },
      {},
      false,
      'pull_request_target',
    ],
    [
      'pull_request_target from a fork',
      { event: 'pull_request_target', headRepository: 'mallory/app' },
      {},
      false,
      'from a fork',
    ],
    ['workflow_run on main', { event: 'workflow_run' }, {}, false, 'the event workflow_run does not publish'],
    ['a command line with --no-publish', { event: 'no_publish' }, {}, false, 'Not published: --no-publish is given.'],
    ['issue_comment on main', { event: 'issue_comment' }, {}, false, 'issue_comment'],
    ['a release without a tag', { event: 'release' }, {}, false, 'without a tag'],
    [
      'a dispatch on a pull request',
      { event: 'workflow_dispatch', ref: 'refs/pull/7/merge' },
      {},
      false,
      'pull request',
    ],
    [
      'a push that no tag rule matches',
      {},
      { tags: ['semver'] },
      false,
      'no tag rule matches branch main. The rule semver gives no tag',
    ],
    [
      'a branch whose name is reserved',
      { ref: 'refs/heads/1.2.3' },
      { publishBranches: ['**'] },
      false,
      'no tag may be set for branch 1.2.3. 1.2.3 is not used as a tag',
    ],
    [
      'an old run',
      { head: known('f'.repeat(40)) },
      {},
      false,
      'main stays where it is: branch main is at commit ffffffffffff by now',
    ],
    [
      'a release that is gone',
      { event: 'release', action: 'deleted', ref: 'refs/tags/v1.2.3' },
      {},
      false,
      'the release of git tag v1.2.3 is deleted',
    ],
    [
      'a release that is taken back',
      { event: 'release', action: 'unpublished', ref: 'refs/tags/v1.2.3' },
      {},
      false,
      'is unpublished',
    ],
  ])('%s', (_, state, options, publish, why) => {
    const result = plan(state, options);
    expect(result.publish).toBe(publish);
    expect(result.why).toContain(why);
    expect(result.why).toMatch(publish ? /^Will publish: .*\.$/ : /^Not published: .*\.$/);
  });

  test('a pull request is planned, to be shown', () => {
    const result = plan({ event: 'pull_request', ref: 'refs/pull/7/merge' });
    expect(result.tags.map(({ tag }) => tag)).toEqual(['pr-7']);
  });
});

describe('platforms', () => {
  test('have a native runner and an artifact of their own', () => {
    expect(plan({}, { platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] }).platforms).toEqual([
      {
        platform: { os: 'linux', architecture: 'amd64' },
        runner: 'ubuntu-24.04',
        artifact: 'tidegate-app-5aaba65f-linux-amd64',
      },
      {
        platform: { os: 'linux', architecture: 'arm64' },
        runner: 'ubuntu-24.04-arm',
        artifact: 'tidegate-app-5aaba65f-linux-arm64',
      },
      {
        platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
        runner: 'ubuntu-24.04',
        artifact: 'tidegate-app-5aaba65f-linux-arm-v7',
      },
    ]);
  });

  test('that are the same are built once', () => {
    expect(plan({}, { platforms: ['linux/arm64', 'linux/arm64/v8', 'Linux/ARM64'] }).platforms).toHaveLength(1);
  });

  test('of two images with one name have different artifacts', () => {
    const artifact = (image: string) => plan({}, { images: [image] }).platforms[0]?.artifact;
    expect(artifact('ghcr.io/acme/app')).not.toBe(artifact('ghcr.io/other/app'));
  });

  test('go to the runner that was named', () => {
    const runners = plan({}, { platforms: ['linux/amd64', 'linux/arm64'], runners: ['big'] }).platforms.map(
      (p) => p.runner,
    );
    expect(runners).toEqual(['big', 'big']);
  });
});

test('labels hold the version; labels of the user are not annotations and the reverse', () => {
  const result = plan(
    { ref: 'refs/tags/v1.2.3' },
    { labels: { override: [['a', 'label']], description: 'An app' }, annotations: [['b', 'annotation']] },
  );
  expect(result.labels).toMatchObject({ 'org.opencontainers.image.version': '1.2.3', a: 'label' });
  const annotations = annotationsAt(result.annotations, 'index');
  expect(annotations).toEqual(annotationsAt(result.annotations, 'manifest'));
  expect(annotations).toMatchObject({
    'org.opencontainers.image.version': '1.2.3',
    'org.opencontainers.image.description': 'An app',
    b: 'annotation',
  });
  expect(annotations).not.toHaveProperty('a');
  expect(result.labels).not.toHaveProperty('b');
});

test.each<[string, Partial<PlanOptions>]>([
  ['an image with a tag', { images: ['ghcr.io/acme/app:1'] }],
  ['an image with a digest', { images: [`ghcr.io/acme/app@sha256:${'a'.repeat(64)}`] }],
  ['no image', { images: [''] }],
  ['no line of an image', { images: [] }],
  ['two images in one line', { images: ['ghcr.io/acme/app, docker.io/acme/app'] }],
  ['an image that is there twice', { images: ['docker.io/acme/app', 'acme/App'] }],
  ['no platform', { platforms: [] }],
  ['an unknown platform', { platforms: ['linux/z80'] }],
  ['a tag that is none', { tags: ['a b'] }],
  ['a label without a key', { labels: { override: [['', 'x']] } }],
  ['an annotation without a key', { annotations: [['', 'x']] }],
])('%s is refused', (_, options) => expect(() => plan({}, options)).toThrow(TidegateError));

test('the first of several images is the name of all', () => {
  const alone = plan({}, { images: ['ghcr.io/acme/app'] });
  const both = plan({}, { images: ['ghcr.io/acme/app', 'acme/app'] });
  expect(both).toEqual({ ...alone, images: ['ghcr.io/acme/app', 'docker.io/acme/app'] });
});

test('an image in upper case is lower-cased, with a notice', () => {
  const result = plan({}, { images: ['ghcr.io/Acme/App'] });
  expect(result.image).toBe('ghcr.io/acme/app');
  expect(result.notices).toEqual([
    'Input image: ghcr.io/Acme/App is used as ghcr.io/acme/app, because registries accept lower case only.',
  ]);
  expect(plan().notices).toEqual([]);
});

test.each<[string, Partial<RawGitState>, Partial<PlanOptions>, boolean]>([
  ['a git tag that no rule matches', { ref: 'refs/tags/v1.2.3' }, { tags: ['branch'] }, true],
  ['a branch that no rule matches', {}, { tags: ['semver', 'latest'] }, false],
  ['a branch that does not publish', { ref: 'refs/heads/dev' }, {}, false],
  ['a branch whose name is reserved', { ref: 'refs/heads/latest' }, { publishBranches: ['**'] }, true],
  ['an old run', { head: known('f'.repeat(40)) }, {}, true],
  ['a pull request', { event: 'pull_request', ref: 'refs/pull/7/merge', headRepository: 'acme/app' }, {}, false],
  ['what is published', {}, {}, false],
])('nothing is published, and that is unexpected: %s', (_, state, options, unexpected) => {
  expect(plan(state, options).unexpected).toBe(unexpected);
});

test('description and licence are those of the repository, unless the labels say otherwise', () => {
  const about = { description: 'An app', license: 'MIT' };
  const labels = plan({ about }).labels;
  expect(labels).toMatchObject({
    'org.opencontainers.image.description': 'An app',
    'org.opencontainers.image.licenses': 'MIT',
  });
  const override = [['org.opencontainers.image.licenses', 'Apache-2.0']] as const;
  expect(plan({ about }, { labels: { override } }).labels).toMatchObject({
    'org.opencontainers.image.licenses': 'Apache-2.0',
  });
  expect(annotationsAt(plan({ about }).annotations, 'manifest')).toEqual(labels);
});

test('a short name is one of Docker Hub', () => {
  expect(plan({}, { images: ['acme/app'] }).image).toBe('docker.io/acme/app');
});
