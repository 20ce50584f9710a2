import { describe, expect, test } from '@jest/globals';
import { TidegateError } from './error.ts';
import { parseTagRules, type TagRule } from './tag-rules.ts';

describe('a line of the tags input', () => {
  test.each<[string, TagRule]>([
    ['auto', { kind: 'auto' }],
    ['semver', { kind: 'semver', prefix: '' }],
    ['semver=v', { kind: 'semver', prefix: 'v' }],
    ['branch', { kind: 'branch' }],
    ['tag', { kind: 'tag' }],
    ['sha', { kind: 'sha', full: false }],
    ['sha=full', { kind: 'sha', full: true }],
    ['schedule', { kind: 'schedule', prefix: 'nightly' }],
    ['schedule=weekly', { kind: 'schedule', prefix: 'weekly' }],
    ['pr', { kind: 'pr' }],
    ['latest', { kind: 'latest', when: 'auto' }],
    ['latest=branch', { kind: 'latest', when: 'branch' }],
    ['latest=true', { kind: 'latest', when: 'true' }],
    ['latest=false', { kind: 'latest', when: 'false' }],
    ['raw=semver', { kind: 'raw', tag: 'semver' }],
    ['raw=stable', { kind: 'raw', tag: 'stable' }],
    ['stable', { kind: 'raw', tag: 'stable' }],
    ['  v2-beta  ', { kind: 'raw', tag: 'v2-beta' }],
    ['edge', { kind: 'raw', tag: 'edge' }],
    ['v1', { kind: 'raw', tag: 'v1' }],
    ['qr', { kind: 'raw', tag: 'qr' }],
  ])('%s', (line, rule) => expect(parseTagRules([line])).toEqual([rule]));

  test('none at all means auto; blank lines and comments say nothing', () => {
    expect(parseTagRules([])).toEqual([{ kind: 'auto' }]);
    expect(parseTagRules(['', '# versions only', 'semver'])).toEqual([{ kind: 'semver', prefix: '' }]);
  });

  test.each([
    ['semvr', 'For the rule write semver; for the tag of that name raw=semvr.'],
    ['Semver', 'For the rule write semver; for the tag of that name raw=Semver.'],
    ['brnach', 'For the rule write branch; for the tag of that name raw=brnach.'],
    ['lastest', 'For the rule write latest; for the tag of that name raw=lastest.'],
    ['semvre=v', 'Did you mean semver?'],
    ['shedule=weekly', 'Did you mean schedule?'],
    ['type=semver,pattern={{version}}', 'Rules here are one word'],
    ['flavor=latest', 'Rules are auto, semver'],
    ['sha=short', 'Write sha for twelve digits.'],
    ['latest=maybe', 'Choose one of the four.'],
    ['branch=main', 'Write branch, without a value.'],
    ['semver=', 'Write semver=v.'],
    ['semver=-', 'Write semver=v.'],
    ['raw=', 'Give the tag alone'],
    ['raw=a b', 'Give the tag alone'],
    ['my tag', 'Give the tag alone'],
    ['-x', 'Give the tag alone'],
    ['.x', 'Give the tag alone'],
    ['ghcr.io/acme/app:1', 'Give the tag alone'],
    ['app:1', 'Give the tag alone'],
    ['ünïcode', 'Give the tag alone'],
    ['a'.repeat(129), 'Give the tag alone'],
    ['v1.0.0+build', 'Give the tag alone'],
  ])('%s is refused, and says what to write', (line, next) => {
    try {
      parseTagRules([line]);
    } catch (error) {
      expect(error).toBeInstanceOf(TidegateError);
      expect(error).toMatchObject({ code: 'bad-input', next: expect.stringContaining(next) });
      expect((error as Error).message).toContain('Input tags');
      return;
    }
    throw new Error(`${line} was taken`);
  });
});
