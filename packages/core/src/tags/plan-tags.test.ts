import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { type GitState, makeGitState, type RawGitState } from '../git-state.ts';
import { known, unknown } from '../known.ts';
import { planTags, type TagOptions } from './plan-tags.ts';

const NOW = new Date('2026-11-24T23:30:00Z');
const SHA = '0123456789abcdef0123456789abcdef01234567';
const OTHER = 'f'.repeat(40);

function git(over: Partial<RawGitState>): GitState {
  return makeGitState({
    event: 'push',
    ref: 'refs/heads/main',
    sha: SHA,
    defaultBranch: 'main',
    repository: 'acme/app',
    head: known(SHA),
    ...over,
  });
}

/** A git tag of a repository whose other tags are known. */
const onTag = (name: string, others: readonly string[] = [], over: Partial<RawGitState> = {}) =>
  git({ ref: `refs/tags/${name}`, tags: known([name, ...others]), release: known('none'), ...over });
const onBranch = (name: string, over: Partial<RawGitState> = {}) => git({ ref: `refs/heads/${name}`, ...over });
const onPull = (over: Partial<RawGitState> = {}) => git({ event: 'pull_request', ref: 'refs/pull/7/merge', ...over });

function tagsOf(state: GitState, options: Partial<TagOptions> = {}): readonly string[] {
  return planTags(state, { now: NOW, ...options }).tags.map(({ tag }) => tag);
}

/** Why a tag is set, or is not. */
function reasonOf(tag: string, state: GitState, options: Partial<TagOptions> = {}): string | undefined {
  const { tags, left } = planTags(state, { now: NOW, ...options });
  return tags.find((one) => one.tag === tag)?.reason ?? left.find(({ subject }) => subject === tag)?.reason;
}

describe('a version tag', () => {
  test.each<[string, readonly string[]]>([
    ['v1.2.3', ['1.2.3', '1.2', '1', 'latest']],
    ['1.2.3', ['1.2.3', '1.2', '1', 'latest']],
    ['v10.0.0', ['10.0.0', '10.0', '10', 'latest']],
    ['v0.4.1', ['0.4.1', '0.4', 'latest']],
    ['v0.0.1', ['0.0.1', '0.0', 'latest']],
    ['v1.2.3-rc.1', ['1.2.3-rc.1']],
    ['v1.2.3-0', ['1.2.3-0']],
    ['v0.1.0-alpha', ['0.1.0-alpha']],
    ['v1.2.3+build.5', ['1.2.3_build.5']],
    ['v1.2.3-rc.1+x.y', ['1.2.3-rc.1_x.y']],
    ['v0.29', ['0.29', 'latest']],
    ['v1.2', ['1.2', '1', 'latest']],
    ['1.2-rc.1', ['1.2-rc.1']],
    ['1.2+x', ['1.2_x']],
  ])('%s', (name, tags) => expect(tagsOf(onTag(name))).toEqual(tags));

  test.each([
    ['v1', 'v1'],
    ['v01.2.3', 'v01.2.3'],
    ['v1.02', 'v1.02'],
    ['v1.2.3.4', 'v1.2.3.4'],
    ['2026.11.24', '2026.11.24'],
    ['release-7', 'tag-release-7'],
    ['vv1.2.3', 'tag-vv1.2.3'],
    ['latest', 'tag-latest'],
    ['pr-7', 'tag-pr-7'],
  ])('%s is not one that semver reads', (name, tag) => {
    if (name === '2026.11.24') expect(tagsOf(onTag(name))).toContain(tag);
    else expect(tagsOf(onTag(name))).toEqual([tag]);
  });

  test.each(['app/v1.2.3', '=1.2.3'])('%s gives its own name alone, which no version has', (name) => {
    const [tag, ...more] = tagsOf(onTag(name));
    expect(more).toEqual([]);
    expect(tag).toMatch(/^tag-.*-[0-9a-f]{12}$/);
  });

  test('moves what others follow only forwards', () => {
    const known = ['v1.2.3', 'v1.2.4', 'v1.3.0', 'v2.0.0', 'v3.0.0-rc.1', 'nonsense'];
    expect(tagsOf(onTag('v1.2.3', known))).toEqual(['1.2.3']);
    expect(tagsOf(onTag('v1.2.5', known))).toEqual(['1.2.5', '1.2']);
    expect(tagsOf(onTag('v1.4.0', known))).toEqual(['1.4.0', '1.4', '1']);
    expect(tagsOf(onTag('v2.0.0', known))).toEqual(['2.0.0', '2.0', '2', 'latest']);
    expect(tagsOf(onTag('v1.10.0', ['v1.9.0', 'v1.10.0']))).toEqual(['1.10.0', '1.10', '1', 'latest']);
    expect(reasonOf('1', onTag('v1.2.5', known))).toBe('1 stays where it is: v1.3.0 is newer than 1.2.5.');
    expect(reasonOf('latest', onTag('v1.2.5', known))).toBe('latest stays where it is: v2.0.0 is newer than 1.2.5.');
  });

  test('of two parts gives way to the versions of three that follow it', () => {
    expect(tagsOf(onTag('v0.29', ['v0.28', 'v0.28.1']))).toEqual(['0.29', 'latest']);
    expect(tagsOf(onTag('v0.29.1', ['v0.29']))).toEqual(['0.29.1', '0.29', 'latest']);
    expect(tagsOf(onTag('v0.29', ['v0.29.1']))).toEqual([]);
    expect(reasonOf('0.29', onTag('v0.29', ['v0.29.1']))).toBe('0.29 stays where it is: v0.29.1 is newer than 0.29.');
  });

  test('sets the exact version alone where the other tags are not known, and says why', () => {
    const alone = { tags: unknown('the checkout is shallow and no token was given to ask GitHub') };
    expect(tagsOf(onTag('v1.2.3', [], alone))).toEqual(['1.2.3']);
    for (const tag of ['1.2', '1', 'latest']) {
      expect(reasonOf(tag, onTag('v1.2.3', [], alone))).toBe(
        `${tag} stays where it is: the other git tags are not known, because the checkout is shallow and no token was given to ask GitHub.`,
      );
    }
    expect(tagsOf(onTag('v0.29', [], alone))).toEqual(['0.29']);
  });

  test('whose release GitHub marks as a pre-release moves nothing', () => {
    const marked = { release: known('pre-release' as const) };
    expect(tagsOf(onTag('v1.2.3', [], marked))).toEqual(['1.2.3']);
    expect(tagsOf(onTag('v1.2', [], marked))).toEqual(['1.2']);
    expect(reasonOf('latest', onTag('v1.2.3', [], marked))).toBe(
      'latest stays where it is: GitHub marks the release of v1.2.3 as a pre-release.',
    );
    expect(tagsOf(onTag('v1.2.3', [], { release: known('stable') }))).toEqual(['1.2.3', '1.2', '1', 'latest']);
  });

  test('says where it is not known whether its release is a pre-release', () => {
    const state = onTag('v1.2.3', [], { release: unknown('GitHub did not answer') });
    expect(reasonOf('latest', state)).toBe(
      '1.2.3 is the newest stable version; whether its release is a pre-release is not known, because GitHub did not answer.',
    );
    expect(reasonOf('1.2', onTag('v1.2.3'))).toBe('1.2.3 is the newest stable version of 1.2.');
  });

  test('keeps a prefix that was asked for', () => {
    expect(tagsOf(onTag('v1.2.3'), { tags: ['semver=v'] })).toEqual(['v1.2.3', 'v1.2', 'v1']);
    expect(tagsOf(onTag('v1.2.3'), { tags: ['semver,prefix=v'] })).toEqual(['v1.2.3', 'v1.2', 'v1']);
    expect(tagsOf(onTag('v1.2.3-rc.1'), { tags: ['semver=v', 'latest'] })).toEqual(['v1.2.3-rc.1']);
  });

  test('too long for a tag is refused', () => {
    expect(() => tagsOf(onTag(`v1.2.3-${'a'.repeat(130)}`))).toThrow(TidegateError);
  });
});

describe('a git tag of a monorepo', () => {
  const tags = ['semver,match=app/v(.*)', 'latest'];

  test.each<[string, string, readonly string[]]>([
    ['app/v1.2.3', 'semver,match=app/v(.*)', ['1.2.3', '1.2', '1']],
    ['app-v1.2.3', 'semver,match=app-(v.*)', ['1.2.3', '1.2', '1']],
    ['@acme/app@1.2.3', 'semver,match=@acme/app@(.*)', ['1.2.3', '1.2', '1']],
    ['app/v0.29', 'semver,match=app/v(.*)', ['0.29']],
    ['app/v1.2.3-rc.1', 'semver,match=app/v(.*)', ['1.2.3-rc.1']],
    ['web/v1.2.3', 'semver,match=app/v(.*)', []],
    ['xapp/v1.2.3', 'semver,match=app/v(.*)', []],
    ['app/v1.2.3', 'semver,match=app/v(.*),prefix=app-', ['app-1.2.3', 'app-1.2', 'app-1']],
    ['app/v1.2.3', 'tag,match=app/(.*)', ['v1.2.3']],
    ['app/2026-11', 'tag,match=app/(.*)', ['tag-2026-11']],
    ['app/2026-11', 'tag,match=app/(.*),prefix=app-', ['app-2026-11']],
    ['p1/v2.0.8-beta.67', 'semver,match=p1/v(\\d.\\d.\\d)', []],
  ])('%s by %s', (name, rule, expected) => expect(tagsOf(onTag(name), { tags: [rule] })).toEqual(expected));

  test('is compared with tags of the same prefix only', () => {
    expect(tagsOf(onTag('app/v1.2.3', ['web/v9.0.0', 'v7.0.0', 'app/v1.2.2', 'app/v2.0.0-rc.1']), { tags })).toEqual([
      '1.2.3',
      '1.2',
      '1',
      'latest',
    ]);
    expect(tagsOf(onTag('app/v1.2.3', ['app/v1.3.0']), { tags })).toEqual(['1.2.3', '1.2']);
    const either = ['semver,match=(?:app|web)/v(.*)', 'latest'];
    expect(tagsOf(onTag('app/v1.2.3', ['web/v9.0.0']), { tags: either })).toContain('latest');
  });

  test('of another component gives no tag, and says so', () => {
    expect(reasonOf('semver,match=app/v(.*)', onTag('web/v1.2.3'), { tags })).toBe(
      'The rule semver,match=app/v(.*) gives no tag: git tag web/v1.2.3 does not match app/v(.*).',
    );
    expect(tagsOf(onTag('web/v1.2.3'), { tags })).toEqual([]);
  });
});

describe('latest', () => {
  test.each<[string, GitState, Partial<TagOptions>, boolean]>([
    ['auto, a stable version', onTag('v1.2.3'), {}, true],
    ['auto, a pre-release', onTag('v1.2.3-rc.1'), {}, false],
    ['auto, the default branch', onBranch('main'), {}, false],
    ['auto, a pull request', onPull(), {}, false],
    ['rule branch, the default branch', onBranch('main'), { tags: ['latest=branch'] }, true],
    ['rule branch, another branch', onBranch('dev'), { tags: ['latest=branch'] }, false],
    ['rule branch, a stable version', onTag('v1.2.3'), { tags: ['latest=branch'] }, true],
    [
      'rule branch, pull_request_target on main',
      git({ event: 'pull_request_target' }),
      { tags: ['latest=branch'] },
      false,
    ],
    ['rule true, a branch', onBranch('dev'), { tags: ['latest=true'] }, true],
    ['rule true beside auto, a branch', onBranch('dev'), { tags: ['auto', 'latest=true'] }, true],
    ['rule false beside auto', onTag('v1.2.3'), { tags: ['auto', 'latest=false'] }, false],
    ['rule false beside raw=latest', onBranch('main'), { tags: ['raw=latest', 'latest=false'] }, false],
    ['raw=latest', onBranch('dev'), { tags: ['raw=latest'] }, true],
    ['semver without latest', onTag('v1.2.3'), { tags: ['semver'] }, false],
    ['input true, a branch', onBranch('dev'), { latest: 'true' }, true],
    ['input false, a stable version', onTag('v1.2.3'), { latest: 'false' }, false],
    ['input false overrides the rules', onTag('v1.2.3'), { tags: ['latest=true'], latest: 'false' }, false],
    ['input auto leaves it to the rules', onTag('v1.2.3'), { tags: ['semver'], latest: 'auto' }, false],
    ['a branch called latest', onBranch('latest'), {}, false],
    ['a git tag called latest', onTag('latest'), {}, false],
  ])('%s', (_, state, options, moves) => {
    expect(tagsOf(state, options).includes('latest')).toBe(moves);
  });

  test('asked for in two ways is refused', () => {
    expect(() => tagsOf(onBranch('main'), { tags: ['latest=true', 'latest=false'] })).toThrow(TidegateError);
  });
});

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
    // What is left of it is a version, hash and all.
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
      { head: unknown('GitHub did not answer') },
      [own, 'stable', 'main', 'latest'],
    ],
    ['nobody knows, in another attempt', { head: unknown('GitHub did not answer'), attempt: 2 }, [own]],
  ])('%s', (_, over, expected) => expect(tagsOf(onBranch('main', over), { tags })).toEqual(expected));

  test('says what it knows', () => {
    expect(reasonOf('main', onBranch('main', { head: known(OTHER) }))).toBe(
      'main stays where it is: branch main is at commit ffffffffffff by now, and this run is of 0123456789ab.',
    );
    expect(reasonOf('main', onBranch('main', { head: unknown('GitHub did not answer'), attempt: 2 }))).toBe(
      'main stays where it is: this is attempt 2 of the run, and whether branch main still is at commit 0123456789ab is not known, because GitHub did not answer.',
    );
  });

  test('moves no tag of a day back either, and no tag of a git tag that was moved', () => {
    expect(tagsOf(git({ event: 'schedule', head: known(OTHER) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: known(OTHER) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: known(undefined) }))).toEqual([]);
    expect(tagsOf(onTag('v1.2.3', [], { head: unknown('GitHub did not answer'), attempt: 2 }))).toContain('1.2.3');
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
      'The rule semver gives no tag: this run is of branch main, not of a git tag.',
      'The rule schedule gives no tag: this run is of the event push.',
      'The rule pr gives no tag: this run is of branch main.',
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

  const offline = { tags: unknown('GitHub did not answer'), head: unknown('GitHub did not answer') };

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
