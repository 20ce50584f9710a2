import { describe, expect, test } from '@jest/globals';
import { onBranch, onTag, reasonOf, SHA, tagsOf } from './tags.fixture.ts';

const BRANCH = 'type=ref,event=branch';

describe('a branch never takes the tag of another rule:', () => {
  test.each<[rule: string, branch: string]>([
    ['type=raw,value=stable,enable={{is_default_branch}}', 'stable'],
    ['type=raw,value=stable,enable=false', 'Stable'],
    ['raw=stable', 'stable'],
    ['stable', 'stable'],
    ['type=raw,value=a/b', 'a/b'],
    ['type=raw,value=stable,prefix=a-,suffix=-b', 'a-stable-b'],
    ['type=semver,pattern=x-{{major}}-{{minor}}', 'x-1-2'],
    ['type=semver,pattern=x-{{version}}-{{major}}', 'x-1.2.3-rc.1-1'],
    ["type=semver,pattern={{version}},prefix={{date 'YYYY'}}-", '2026-1.2.3'],
    ['type=pep440,pattern=x-{{version}}-y', 'x-1-2.0.post1-y'],
    ['type=pep440,pattern=x-{{raw}}-y', 'x-1!2.0-y'],
    ["type=raw,value=x-{{date 'YYYYMMDDHHmm'}}", 'x-202011240000'],
    ["type=schedule,pattern={{date 'YYYY-MM-DD'}}", '2020-01-01'],
    ["type=schedule,pattern={{date 'YYYY/MM'}}", '2020/01'],
    ["type=raw,value={{date 'dddd'}}", 'monday'],
    ["type=raw,value=x-{{date 'Do'}}-{{date 'HHmmss'}}-{{date 'MMM'}}", 'x-1st-235959-Jan'],
    ["type=raw,value=x-{{commit_date 'YYYY-MM-DD[T]HH.mm.ssZZ' tz='America/New_York'}}", 'x-2026-11-20T05.20.30-0500'],
    ['type=raw,value=is-{{is_default_branch}}', 'is-true'],
    ['type=sha,prefix=', 'abcdef1'],
    ['type=sha,prefix=,format=long', SHA],
    ['type=sha,prefix=git-', 'git-abcdef1'],
    ['type=ref,event=pr,prefix=pull-', 'pull-7'],
    ['type=edge,prefix=x-', 'x-edge'],
    ['latest,suffix=-alpine', 'latest-alpine'],
    ['schedule=weekly', 'weekly-20261124'],
  ])('%s, branch %s', (rule, branch) => {
    const others = tagsOf(onBranch(branch), { tags: [rule] });
    for (const own of ['branch', BRANCH, 'type=raw,value={{branch}}']) {
      expect(tagsOf(onBranch(branch), { tags: [own] })).not.toEqual([]);
      expect(tagsOf(onBranch(branch), { tags: [rule, own] })).toEqual(others);
    }
  });

  test.each<[rule: string, flavor: string, branch: string, tag: string]>([
    ['stable', 'prefix=v-', 'stable', 'v-stable'],
    ['type=raw,value=stable', 'suffix=-alpine', 'stable', 'stable-alpine'],
    ['semver', 'prefix=x-,onlatest=true', 'latest', 'x-latest'],
  ])('%s with the flavor %s, branch %s', (rule, flavor, branch, tag) => {
    const options = { tags: ['branch', rule], flavor: [flavor] };
    expect(
      tagsOf(onBranch(branch), { tags: ['branch'], flavor: flavor.includes('onlatest') ? ['prefix=x-'] : [flavor] }),
    ).toEqual([tag]);
    const set = tagsOf(onBranch(branch), options);
    if (rule === 'semver') expect(set).toEqual([]);
    else expect(reasonOf(tag, onBranch(branch), options)).toMatch(/names/);
  });
});

describe('a tag of the default branch is never that of another branch:', () => {
  test.each<[tags: readonly string[], branch: string, expected: readonly string[]]>([
    [['branch', 'branch,suffix=-alpine'], 'main-alpine', []],
    [[BRANCH, `${BRANCH},suffix=-alpine`], 'main-alpine', []],
    [[BRANCH, `${BRANCH},prefix=x-`], 'x-main', ['x-x-main']],
    [['branch', 'branch,match=release/(.*)'], 'release/main', ['release-main-37233316e234']],
    [[BRANCH, 'type=raw,value={{branch}}-x'], 'main-x', ['main-x-x']],
    [[BRANCH, 'type=sha,prefix={{branch}}-'], 'main-abcdef1', ['main-abcdef1-0123456']],
    [[BRANCH, `${BRANCH},suffix=-{{sha}}`], 'main-abcdef1', []],
    [[BRANCH, "type=raw,value={{branch}}-{{date 'X'}}"], 'main-9999999999', ['main-9999999999-1795563000']],
    [['type=raw,value={{branch}}', 'type=raw,value={{branch}}-x,enable=false'], 'main-x', []],
    [[BRANCH, 'type=raw,value={{branch}}{{tag}}-x'], 'main-x', ['main-x-x']],
  ])('%j, branch %s', (tags, branch, expected) => {
    expect(tagsOf(onBranch(branch), { tags })).toEqual(expected);
    expect(tagsOf(onBranch('main'), { tags })).toContain('main');
    expect(tagsOf(onBranch('dev'), { tags })).toContain('dev');
  });

  test('git tags keep a version that the default branch is called like', () => {
    const over = { defaultBranch: '3.12' };
    for (const rule of ['tag', 'type=ref,event=tag', 'type=raw,value={{tag}}']) {
      expect(tagsOf(onTag('3.12', [], over), { tags: ['branch', rule] })).toContain('3.12');
    }
  });
});

test('the reason names the rule', () => {
  const tags = [BRANCH, 'type=semver,pattern=x-{{major}}-{{minor}}'];
  expect(reasonOf('x-1-2', onBranch('x-1-2'), { tags })).toBe(
    'x-1-2 is not used as a tag for branch x-1-2, because it looks like a tag of the rule type=semver,pattern=x-{{major}}-{{minor}}; the rule branch,prefix=branch- publishes it as branch-x-1-2.',
  );
});

test('a rule with the name of a branch sets the tag in the runs that it applies to', () => {
  for (const rule of ['raw=main', 'type=raw,value=main,enable={{is_default_branch}}']) {
    const tags = ['branch', rule];
    expect(tagsOf(onBranch('main'), { tags })).toEqual(['main']);
    expect(reasonOf('main', onBranch('main'), { tags })).toMatch(/names/);
    expect(tagsOf(onBranch('dev'), { tags })).toContain('dev');
  }
});

test.each([
  ['type=sha,prefix=', ['main', 'feed', 'decade', 'abcdef', 'abcdef1-x']],
  ['type=semver,pattern={{version}}', ['1.x', '1.2.x', '123-fix-login']],
  ['type=pep440,pattern={{version}}', ['1.x', '1.2.x', '123-fix-login', '123-rename']],
  ["type=raw,value={{date 'dddd'}}", ['main', 'mondays']],
  ["type=schedule,pattern={{date 'YYYY-MM-DD'}}", ['2020-01', 'x-2020-01-01']],
  ['type=raw,value={{branch}}-{{sha}}', ['main', 'fix-bug']],
])('beside %s, ordinary names stay', (rule, names) => {
  for (const name of names) {
    expect(tagsOf(onBranch(name), { tags: [BRANCH, rule] })).toContain(name);
    expect(tagsOf(onBranch(name), { tags: ['type=raw,value={{branch}}', rule] })).toContain(name);
  }
});

test('git tags keep the names that they share with versions', () => {
  const tags = ['type=ref,event=tag', 'type=semver,pattern={{version}}', "type=schedule,pattern={{date 'YYYY.MM.DD'}}"];
  expect(tagsOf(onTag('1.2.3'), { tags })).toContain('1.2.3');
  expect(tagsOf(onTag('2026.11.24'), { tags })).toContain('2026.11.24');
});
