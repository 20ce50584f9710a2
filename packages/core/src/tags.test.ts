import { describe, expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { type GitState, makeGitState, type RawGitState } from './git-state.ts';
import { planTags, type TagOptions } from './tags.ts';

const NOW = new Date('2026-11-24T23:30:00Z');
const SHA = '0123456789abcdef0123456789abcdef01234567';

function git(over: Partial<RawGitState>): GitState {
  return makeGitState({
    event: 'push',
    ref: 'refs/heads/main',
    sha: SHA,
    defaultBranch: 'main',
    repository: 'acme/app',
    ...over,
  });
}

const onTag = (name: string, knownTags?: readonly string[]) =>
  git({ ref: `refs/tags/${name}`, ...(knownTags ? { knownTags } : {}) });
const onBranch = (name: string) => git({ ref: `refs/heads/${name}` });
const onPull = (over: Partial<RawGitState> = {}) => git({ event: 'pull_request', ref: 'refs/pull/7/merge', ...over });

function tagsOf(state: GitState, options: Partial<TagOptions> = {}): readonly string[] {
  return planTags(state, { now: NOW, ...options }).map(({ tag }) => tag);
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
  ])('%s', (name, tags) => expect(tagsOf(onTag(name))).toEqual(tags));

  test.each(['v1.2', 'v1', 'v01.2.3', 'v1.2.3.4', 'release-7', 'app/v1.2.3', 'vv1.2.3', '=1.2.3'])(
    '%s is no version, and gives its own name alone',
    (name) => expect(tagsOf(onTag(name))).toEqual([name.replaceAll(/[/=]/g, '-').replace(/^-/, '')]),
  );

  test('moves what others follow only forwards, where the other tags are known', () => {
    const known = ['v1.2.3', 'v1.2.4', 'v1.3.0', 'v2.0.0', 'v3.0.0-rc.1', 'nonsense'];
    expect(tagsOf(onTag('v1.2.3', known))).toEqual(['1.2.3']);
    expect(tagsOf(onTag('v1.2.5', known))).toEqual(['1.2.5', '1.2']);
    expect(tagsOf(onTag('v1.4.0', known))).toEqual(['1.4.0', '1.4', '1']);
    expect(tagsOf(onTag('v2.0.0', known))).toEqual(['2.0.0', '2.0', '2', 'latest']);
    expect(tagsOf(onTag('v1.10.0', ['v1.9.0', 'v1.10.0']))).toEqual(['1.10.0', '1.10', '1', 'latest']);
  });

  test('keeps a prefix that was asked for', () => {
    expect(tagsOf(onTag('v1.2.3'), { tags: ['semver=v'] })).toEqual(['v1.2.3', 'v1.2', 'v1']);
    expect(tagsOf(onTag('v1.2.3-rc.1'), { tags: ['semver=v', 'latest'] })).toEqual(['v1.2.3-rc.1']);
  });

  test('too long for a tag is refused', () => {
    expect(() => tagsOf(onTag(`v1.2.3-${'a'.repeat(130)}`))).toThrow(TidegateError);
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
    ['rule false beside auto', onTag('v1.2.3'), { tags: ['auto', 'latest=false'] }, false],
    ['rule false beside raw=latest', onBranch('main'), { tags: ['raw=latest', 'latest=false'] }, false],
    ['raw=latest', onBranch('dev'), { tags: ['raw=latest'] }, true],
    ['semver without latest', onTag('v1.2.3'), { tags: ['semver'] }, false],
    ['input true, a branch', onBranch('dev'), { latest: 'true' }, true],
    ['input false, a stable version', onTag('v1.2.3'), { latest: 'false' }, false],
    ['input false wins over the rules', onTag('v1.2.3'), { tags: ['latest=true'], latest: 'false' }, false],
    ['input auto leaves it to the rules', onTag('v1.2.3'), { tags: ['semver'], latest: 'auto' }, false],
  ])('%s', (_, state, options, moves) => {
    expect(tagsOf(state, options).includes('latest')).toBe(moves);
  });

  test('asked for in two ways is refused', () => {
    expect(() => tagsOf(onBranch('main'), { tags: ['latest=true', 'latest=false'] })).toThrow(TidegateError);
  });
});

describe('a branch', () => {
  test.each([
    ['main', 'main'],
    ['feat/x', 'feat-x'],
    ['feat//x'.replace('//', '/y/'), 'feat-y-x'],
    ['Release_1.2', 'Release_1.2'],
    ['-dash', 'dash'],
    ['$(id)', 'id-'],
    ['a&&b', 'a-b'],
  ])('%s gives %s', (name, tag) => expect(tagsOf(onBranch(name))).toEqual([tag]));

  test('on a schedule gives the day first', () => {
    expect(tagsOf(git({ event: 'schedule' }))).toEqual(['nightly-20261124', 'main']);
    expect(tagsOf(git({ event: 'schedule' }), { tags: ['schedule=weekly'] })).toEqual(['weekly-20261124']);
  });
});

describe('a pull request', () => {
  test('gives its number', () => expect(tagsOf(onPull())).toEqual(['pr-7']));

  test('on pull_request_target gives no branch, though its ref is one', () => {
    const state = git({ event: 'pull_request_target', pullRequest: 7, headRepository: 'acme/app' });
    expect(tagsOf(state, { tags: ['branch', 'tag', 'semver', 'pr'] })).toEqual(['pr-7']);
  });
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

  test('that do not fit the event give nothing', () => {
    expect(tagsOf(onBranch('main'), { tags: ['semver', 'schedule', 'pr'] })).toEqual([]);
  });

  test('sha=full is the whole commit', () => {
    expect(tagsOf(onBranch('main'), { tags: ['sha=full'] })).toEqual([`sha-${SHA}`]);
  });

  test('say why', () => {
    expect(planTags(onBranch('feat/x'), { now: NOW })).toEqual([
      { tag: 'feat-x', kind: 'branch', reason: 'branch feat/x' },
    ]);
  });
});
