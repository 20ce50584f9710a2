import { describe, expect, test } from '@jest/globals';
import { onBranch, onTag, tagsOf } from './tags.fixture.ts';

const SLOW = `${'1'.repeat(60)}!`;

describe('a rule whose expression backtracks without end on a name is an error that names both:', () => {
  test.each([
    'type=semver,pattern={{version}},match=^(1+)+$',
    'type=pep440,pattern={{version}},match=^(1+)+$',
    'type=match,pattern=^(1+)+$',
    'semver,match=(1+)+',
    'tag,match=(1+)+',
    'latest,match=(1+)+',
  ])('%s', (rule) => {
    const refused = expect.objectContaining({
      id: 'tag-rule-invalid',
      message: expect.stringMatching(
        /got ".*\(1\+\)\+.*", expected an expression that finishes within 2 s on the name "1{60}!"/,
      ),
    });
    expect(() => tagsOf(onTag(SLOW), { tags: [rule] })).toThrow(refused);
  });

  test('a branch', () => {
    expect(() => tagsOf(onBranch(SLOW), { tags: ['branch,match=(1+)+'] })).toThrow(/branch,match=.*"1{60}!"/);
  });

  test.each(['type=semver,pattern={{major}},match=^((?:[1.]+)+)$', 'semver,match=((?:[1.]+)+)'])(
    'also on another git tag: %s',
    (rule) => {
      expect(() => tagsOf(onTag('1.1.1', [SLOW]), { tags: [rule] })).toThrow(
        /on the name "1{60}!", in this run for git tag 1/,
      );
    },
  );
});

test('ten thousand git tags take well under the limit', () => {
  const others = Array.from({ length: 10_000 }, (_, at) => `app/v1.2.${at}`);
  const tags = ['semver,match=app/v(.*)', 'type=semver,pattern={{major}},match=app/v(.*)'];
  expect(tagsOf(onTag('app/v1.2.10000', others), { tags })).toContain('1');
});
