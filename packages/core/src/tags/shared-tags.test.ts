import { describe, expect, test } from '@jest/globals';
import { onBranch, onTag, tagsOf } from './tags.fixture.ts';

const ofBranch = (name: string, tags: readonly string[] = []) => tagsOf(onBranch(name), { tags });
const ofGitTag = (name: string, tags: readonly string[] = []) => tagsOf(onTag(name), { tags });

describe('a git tag and a branch never share a tag:', () => {
  const names = [
    ...['main', 'latest', 'release-7', 'feat/x', 'tag-release-7', 'tag/release-7', 'tag-tag-release-7', 'Release-7'],
    ...[
      '1',
      'v1',
      'V1',
      '1.2',
      'v1.2.3',
      'V1.2.3',
      '1.2.3.4',
      '1.x',
      '1.2.x',
      '1.2-rc.1',
      '1.2.3/x',
      '1.2.3+x',
      '20261124',
    ],
    ...[
      'app/v1.2.3',
      'app-v1.2.3',
      'pr-7',
      'sha-0123456789ab',
      'nightly-20261124',
      '新機能',
      'x'.repeat(200),
      'v',
      'rel-8',
    ],
    ...['rel-1.2', 'app-1.2.3', 'tag-20261124', 'v2026'],
  ];
  // Names that imitate the tags of others.
  const more = names.flatMap((name) => [...ofGitTag(name), ...ofBranch(name)]);
  const all = [...new Set([...names, ...more])];

  test.each([
    [],
    ['branch', 'tag'],
    ['auto', 'semver=rel-', 'tag'],
    ['branch', 'tag,prefix=rel-', 'semver'],
    ['branch,prefix=tag-', 'branch,prefix=v', 'branch,prefix=rel-', 'tag', 'semver'],
    ['branch', 'tag,prefix=app-', 'semver=app-'],
  ])('%j, %j, %j, %j, %j', (...tags) => {
    const ofGitTags = new Set(all.flatMap((name) => ofGitTag(name, tags)));
    const shared = all.flatMap((name) => ofBranch(name, tags)).filter((tag) => ofGitTags.has(tag));
    expect(shared).toEqual([]);
    expect(ofGitTags.size).toBeGreaterThan(names.length);
  });

  test('of git tags, `1` and `v1` are moved by the rule semver alone', () => {
    expect(ofGitTag('1', ['tag'])).toEqual([]);
    expect(ofGitTag('v1', ['tag'])).toEqual(['v1']);
    expect(ofGitTag('v1', ['tag', 'semver=v'])).toEqual([]);
  });
});
