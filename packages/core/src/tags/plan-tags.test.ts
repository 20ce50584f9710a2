import { describe, expect, test } from '@jest/globals';
import { known, unknown } from '../known.ts';
import type { GitState, RawGitState } from '../plan/git-state.ts';
import { planTags } from './plan-tags.ts';
import { git, NOW, OTHER, onBranch, onPull, onTag, reasonOf, SHA, tagsOf } from './tags.fixture.ts';

describe('a branch', () => {
  test.each([
    ['main', /^main$/],
    ['Release_1.2', /^Release_1\.2$/],
    ['feat/x', /^feat-x-[0-9a-f]{12}$/],
    ['feature/新機能', /^feature-[0-9a-f]{12}$/],
    ['$(id)', /^id-[0-9a-f]{12}$/],
  ])('%s gives its name', (name, tag) => {
    expect(tagsOf(onBranch(name))).toEqual([expect.stringMatching(tag)]);
  });

  test('is matched and prefixed by its rule', () => {
    expect(tagsOf(onBranch('release/1.2'), { tags: ['branch,match=release/(.*),prefix=release-'] })).toEqual([
      'release-1.2',
    ]);
    expect(tagsOf(onBranch('main'), { tags: ['branch,match=release/(.*)'] })).toEqual([]);
    expect(tagsOf(onBranch('1.2'), { tags: ['branch,prefix=branch-'] })).toEqual(['branch-1.2']);
  });

  test.each([
    'latest',
    'LATEST',
    '1.2.3',
    'v1.2.3',
    '1',
    'v1',
    '1.2',
    'v1.2',
    '1.2.3-rc.1',
    '1.2.3_build.5',
    'v0.29',
    'V1.2.3',
    'V1',
    '1.2.3.4',
    'v1.2.3.4.5',
    '1.2.3rc1',
    '1.2.3.post1',
    '1.2-alpine',
    '1.2.3-rc.x',
    'v01.2.3',
    '20261124',
    'tag-release-7',
    'Tag-release-7',
    'Nightly-20261124',
    'sha-0123456',
    'sha-0123456789ab',
    `sha-${SHA}`,
    'pr-7',
    `sha256-${'0'.repeat(64)}`,
    `sha256-${'0'.repeat(64)}.sig`,
    'nightly-20261124',
    // Its tag would look like a version, including the hash.
    '1.2.3/x',
  ])('called %s is refused as a tag', (name) => {
    const { tags, left } = planTags(onBranch(name), { now: NOW });
    expect(tags).toEqual([]);
    expect(left).toEqual([
      expect.objectContaining({ fits: true, reason: expect.stringContaining('is not used as a tag') }),
    ]);
  });

  test.each([
    '1.x',
    '1.2.x',
    'V1.X',
    'v2-next',
    '123-fix-login',
    '2026-11-24',
    'v',
    'v.1',
    '1.beta',
    'release-1.2',
    'sha-rework',
    'pr-review',
    'nightly',
    'nightly-2026',
    'lates',
    'sha256',
    'tag',
    'tags-2',
  ])('called %s is a name like another', (name) => expect(tagsOf(onBranch(name))).toEqual([name]));

  test('is refused for what the rules of this run set themselves', () => {
    expect(tagsOf(onBranch('rel-1.2'), { tags: ['semver=rel-', 'branch'] })).toEqual([]);
    expect(tagsOf(onBranch('weekly-20261124'), { tags: ['schedule=weekly', 'branch'] })).toEqual([]);
    expect(tagsOf(onBranch('weekly-20261124'))).toEqual(['weekly-20261124']);
    expect(tagsOf(onBranch('REL-1.2'), { tags: ['semver=rel-', 'branch'] })).toEqual([]);
    expect(tagsOf(onBranch('release-8'), { tags: ['tag,prefix=release-', 'branch'] })).toEqual([]);
    expect(tagsOf(onBranch('release-8'))).toEqual(['release-8']);
  });

  test('on a schedule gives the day first', () => {
    expect(tagsOf(git({ event: 'schedule' }))).toEqual(['nightly-20261124', 'main']);
    expect(tagsOf(git({ event: 'schedule' }), { tags: ['schedule=weekly'] })).toEqual(['weekly-20261124']);
  });
});

describe('a run that is older than its ref', () => {
  const tags = ['branch', 'stable', 'latest=branch', 'sha'];
  const own = 'sha-0123456789ab';

  test.each<[string, Partial<RawGitState>, readonly string[]]>([
    ['the branch has moved on', { head: known(OTHER) }, [own]],
    ['the branch is gone', { head: known(undefined) }, [own]],
    ['the branch is still here', { head: known(SHA), attempt: 3 }, [own, 'stable', 'main', 'latest']],
    [
      'nobody knows, in the first attempt',
      { head: unknown('GitHub did not respond') },
      [own, 'stable', 'main', 'latest'],
    ],
    ['nobody knows, in another attempt', { head: unknown('GitHub did not respond'), attempt: 2 }, [own]],
  ])('%s', (_, over, expected) => expect(tagsOf(onBranch('main', over), { tags })).toEqual(expected));

  test('says what it knows', () => {
    expect(reasonOf('main', onBranch('main', { head: known(OTHER) }))).toBe(
      'main stays where it is: branch main is at commit ffffffffffff by now, and this run is for 0123456789ab.',
    );
    expect(reasonOf('main', onBranch('main', { head: unknown('GitHub did not respond'), attempt: 2 }))).toBe(
      'main stays where it is: this is attempt 2 of the run, and whether branch main still is at commit 0123456789ab is not known, because GitHub did not respond.',
    );
  });

  test('moves no tag of a day back either, and no tag of a git tag that was moved', () => {
    expect(tagsOf(git({ event: 'schedule', head: known(OTHER) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: known(OTHER) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: known(undefined) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: unknown('GitHub did not respond'), attempt: 2 }))).toContain('1.2.3');
  });

  test('keeps its version, which is a fact about the commit', () => {
    expect(planTags(onBranch('main', { head: known(OTHER) }), { now: NOW }).version).toBe('main');
    expect(planTags(onTag('v1.2.3', [], { head: known(OTHER) }), { now: NOW }).version).toBe('1.2.3');
  });
});

describe('a pull request', () => {
  test('gives its number', () => expect(tagsOf(onPull())).toEqual(['pr-7']));

  test('on pull_request_target gives no branch, though its ref is one', () => {
    const state = git({ event: 'pull_request_target', pullRequest: 7, headRepository: 'acme/app' });
    expect(tagsOf(state, { tags: ['branch', 'tag', 'semver', 'pr'] })).toEqual(['pr-7']);
  });
});

/** docker/metadata-action v6, src/tag.ts, DefaultPriorities, and src/meta.ts: the first tag is the version. */
test.each<[string, GitState, readonly string[], string | undefined]>([
  ['branch before sha', onBranch('main'), ['sha', 'branch'], 'main'],
  ['branch before raw', onBranch('main'), ['raw=edge', 'branch'], 'main'],
  ['raw before sha', onBranch('main'), ['sha', 'raw=edge'], 'edge'],
  ['the first of two raw', onBranch('main'), ['raw=b', 'raw=a'], 'b'],
  ['semver before the name of the git tag', onTag('v1.2.3'), ['tag', 'semver'], '1.2.3'],
  ['a matched git tag before its name', onTag('app/v1'), ['tag', 'tag,match=app/(.*)'], 'v1'],
  ['a git tag that has a mark, without it', onTag('release-7'), ['tag'], 'release-7'],
  ['schedule before branch', git({ event: 'schedule' }), ['branch', 'schedule'], 'nightly-20261124'],
  ['sha alone', onBranch('main'), ['sha'], 'sha-0123456789ab'],
  ['auto on a version', onTag('v1.2.3'), [], '1.2.3'],
  ['auto on a pre-release', onTag('v1.2.3-rc.1'), [], '1.2.3-rc.1'],
  ['auto on a pull request', onPull(), [], 'pr-7'],
  ['a version whose tag stays', onTag('v0.29', ['v0.29.1']), [], '0.29'],
  ['latest is no version', onBranch('main'), ['latest=true'], undefined],
  ['a branch that is refused', onBranch('1.2.3'), [], undefined],
])('the version: %s', (_, state, tags, version) => {
  expect(planTags(state, { now: NOW, tags }).version).toBe(version);
});

describe('all rules together', () => {
  test('are set from what stays to what moves', () => {
    const tags = ['latest', 'stable', 'semver', 'sha', 'tag'];
    expect(tagsOf(onTag('v1.2.3'), { tags })).toEqual([
      '1.2.3',
      'sha-0123456789ab',
      'stable',
      'v1.2.3',
      '1.2',
      '1',
      'latest',
    ]);
  });

  test('that give the same tag give it once', () => {
    expect(tagsOf(onBranch('main'), { tags: ['branch', 'main', 'auto', 'raw=main'] })).toEqual(['main']);
    expect(tagsOf(onTag('1.2.3'), { tags: ['semver', 'tag'] })).toEqual(['1.2.3', '1.2', '1']);
  });

  test('that do not fit the event give nothing, and say so', () => {
    const { tags, left } = planTags(onBranch('main'), { now: NOW, tags: ['semver', 'schedule', 'pr', 'latest'] });
    expect(tags).toEqual([]);
    expect(left.map(({ reason }) => reason)).toEqual([
      'The rule semver gives no tag: this run is for branch main, not of a git tag.',
      'The rule schedule gives no tag: this run is for the event push.',
      'The rule pr gives no tag: this run is for branch main.',
      'latest stays where it is: branch main is not a version.',
    ]);
    expect(left.every(({ fits }) => !fits)).toBe(true);
  });

  test('sha=full is the whole commit', () => {
    expect(tagsOf(onBranch('main'), { tags: ['sha=full'] })).toEqual([`sha-${SHA}`]);
  });
});

describe('a planned tag as a rule', () => {
  const everything = ['auto', 'sha', 'stable', 'schedule', 'latest=branch'];

  test.each<[string, GitState, readonly string[]]>([
    ['a version', onTag('v1.2.3', ['v1.2.2']), []],
    ['a monorepo', onTag('app/v1.2.3'), ['semver,match=app/v(.*),prefix=app-', 'latest', 'sha=full']],
    ['a branch', onBranch('feat/x'), everything],
    ['a schedule', git({ event: 'schedule' }), everything],
    ['a pull request', onPull(), everything],
  ])('gives that tag again: %s', (_, state, tags) => {
    const planned = planTags(state, { now: NOW, tags }).tags;
    expect(planned.length).toBeGreaterThan(0);
    const nextDay = new Date('2026-11-25T00:10:00Z');
    const again = planTags(state, { now: nextDay, tags: planned.map(({ rule }) => rule) }).tags;
    expect(again.map(({ tag }) => tag)).toEqual(planned.map(({ tag }) => tag));
    for (const { tag, rule } of planned) {
      expect(planTags(state, { now: nextDay, tags: [rule] }).tags.map((one) => one.tag)).toEqual([tag]);
    }
  });

  test('gives it no more once a newer release is there, or the branch has moved on', () => {
    const rules = planTags(onTag('v1.2.3'), { now: NOW }).tags.map(({ rule }) => rule);
    expect(tagsOf(onTag('v1.2.3', ['v1.2.4']), { tags: rules })).toEqual(['1.2.3']);
    const branch = planTags(onBranch('main'), { now: NOW, tags: everything }).tags.map(({ rule }) => rule);
    expect(tagsOf(onBranch('main', { head: known(OTHER) }), { tags: branch })).toEqual(['sha-0123456789ab']);
  });

  const offline = { tags: unknown('GitHub did not respond'), head: unknown('GitHub did not respond') };

  test('gives it in a job of the same attempt that cannot ask, and not in a later one', () => {
    const release = planTags(onTag('v1.2.3'), { now: NOW }).tags.map(({ rule }) => rule);
    expect(release).toContain('latest=auto,only=latest,decided=1');
    expect(tagsOf(onTag('v1.2.3', [], offline), { tags: release })).toEqual(['1.2.3', '1.2', '1', 'latest']);
    expect(tagsOf(onTag('v1.2.3', [], { ...offline, attempt: 2 }), { tags: release })).toEqual(['1.2.3']);
    const branch = planTags(onBranch('main', { attempt: 2 }), { now: NOW, tags: ['branch', 'stable'] }).tags;
    const rules = branch.map(({ rule }) => rule);
    expect(rules).toEqual(['raw=stable,decided=2', 'branch,only=main,decided=2']);
    expect(tagsOf(onBranch('main', { ...offline, attempt: 2 }), { tags: rules })).toEqual(['stable', 'main']);
    expect(tagsOf(onBranch('main', { ...offline, attempt: 3 }), { tags: rules })).toEqual([]);
  });

  test('never gives more than was planned', () => {
    const shallow = onTag('v1.2.3', [], { tags: unknown('the checkout is shallow') });
    const rules = planTags(shallow, { now: NOW }).tags.map(({ rule }) => rule);
    expect(tagsOf(onTag('v1.2.3'), { tags: rules })).toEqual(['1.2.3']);
  });
});
