import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { known, unknown } from '../known.ts';
import type { GitState } from '../plan/git-state.ts';
import type { TagOptions } from './plan-tags.ts';
import { git, onBranch, onPull, onTag, reasonOf, tagsOf } from './tags.fixture.ts';

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
    const alone = { tags: unknown('the checkout is shallow and no GitHub token is set') };
    expect(tagsOf(onTag('v1.2.3', [], alone))).toEqual(['1.2.3']);
    for (const tag of ['1.2', '1', 'latest']) {
      expect(reasonOf(tag, onTag('v1.2.3', [], alone))).toBe(
        `${tag} stays where it is: the other git tags are not known, because the checkout is shallow and no GitHub token is set.`,
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
    const state = onTag('v1.2.3', [], { release: unknown('GitHub did not respond') });
    expect(reasonOf('latest', state)).toBe(
      '1.2.3 is the newest stable version; whether its release is a pre-release is not known, because GitHub did not respond.',
    );
    expect(reasonOf('1.2', onTag('v1.2.3'))).toBe('1.2.3 is the newest stable version of 1.2.');
  });

  test('keeps a configured prefix', () => {
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

  test('configured in two ways is rejected', () => {
    expect(() => tagsOf(onBranch('main'), { tags: ['latest=true', 'latest=false'] })).toThrow(TidegateError);
  });
});
