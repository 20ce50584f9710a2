import { describe, expect, test } from '@jest/globals';
import {
  anchored,
  type CertifiedIdentity,
  exactIdentity,
  identityProblems,
  inEarlierRuns,
  inLaterRuns,
  matches,
  pattern,
} from './identity.ts';

describe('a pattern', () => {
  test.each([
    ['https://github.com', 'https://github.com/acme', false],
    ['https://github\\.com/acme/.*', 'https://github.com/acme/app', true],
    ['^https://github\\.com/acme/.*$', 'https://github.com/acme/app', true],
    ['a|b', 'xb', false],
    ['a|b', 'b', true],
    ['^a|b$', 'ab', false],
    ['.*', 'two\nlines', false],
    ['a', 'a\n', false],
    ['a$', 'a\n', false],
    ['^a$', 'b\na', false],
    ['(?m:^a$)', 'a\nb', false],
    ['(?m:^a$)', 'b\na', false],
    ['a\\$', 'a$', true],
    ['(a)|(b)', 'b', true],
  ])('%j on %j: %s', (source, text, holds) => {
    expect(matches(pattern(source, 'x'), text)).toBe(holds);
    expect(new RegExp(anchored(pattern(source, 'x')), 'u').test(text)).toBe(holds);
  });

  test.each(['a)|(?:b', '(?m)a', 'a)(?:.*'])('that ends the group it is put into is none: %j', (source) => {
    expect(() => pattern(source, 'x')).toThrow('Input x');
  });

  test('that is none is said by its input', () => {
    expect(() => pattern('(', 'certificate-identity-regexp')).toThrow('Input certificate-identity-regexp');
  });
});

describe('the identity that a run has itself', () => {
  const FOUND: CertifiedIdentity = {
    subject: 'https://github.com/tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
    issuer: 'https://token.actions.githubusercontent.com',
    sourceRepository: 'https://github.com/acme/app',
    sourceRepositoryId: '4711',
    sourceRef: 'refs/heads/main',
    sourceDigest: 'a'.repeat(40),
    runnerEnvironment: 'github-hosted',
    buildTrigger: 'push',
  };

  test('is every claim of its certificate', () => {
    expect(identityProblems(exactIdentity(FOUND), FOUND)).toEqual([]);
    for (const claim of Object.keys(FOUND) as (keyof CertifiedIdentity)[]) {
      expect(identityProblems(exactIdentity(FOUND), { ...FOUND, [claim]: 'other' })).toHaveLength(1);
      const { [claim]: _, ...less } = FOUND;
      expect(identityProblems(exactIdentity(FOUND), less as CertifiedIdentity)).toHaveLength(1);
    }
  });

  test('is in later runs that of the same workflow, repository, ref and runner', () => {
    const later = { ...FOUND, sourceDigest: 'b'.repeat(40), buildTrigger: 'schedule' };
    expect(identityProblems(inLaterRuns(exactIdentity(FOUND)), later)).toEqual([]);
    for (const claim of ['sourceRepository', 'sourceRepositoryId', 'sourceRef', 'runnerEnvironment'] as const) {
      expect(identityProblems(inLaterRuns(exactIdentity(FOUND)), { ...later, [claim]: 'other' })).toHaveLength(1);
    }
  });

  describe('in earlier runs', () => {
    const own = 'https://github.com/acme/app/.github/workflows/release.yml';
    const at = (subject: string, sourceRef: string): CertifiedIdentity => ({ ...FOUND, subject, sourceRef });
    const believes = (now: CertifiedIdentity, earlier: CertifiedIdentity) =>
      identityProblems(inEarlierRuns(exactIdentity(now)), { ...earlier, sourceDigest: 'c'.repeat(40) }).length === 0;

    test('of a branch is that of this branch alone', () => {
      const main = at(`${own}@refs/heads/main`, 'refs/heads/main');
      expect(believes(main, main)).toBe(true);
      expect(believes(main, at(`${own}@refs/heads/evil`, 'refs/heads/evil'))).toBe(false);
      expect(believes(main, at(`${own}@refs/tags/v9`, 'refs/tags/v9'))).toBe(false);
      expect(believes(FOUND, { ...FOUND, sourceRef: 'refs/tags/v9' })).toBe(false);
    });

    test('of a git tag is that of any tag, by the same workflow of the repository', () => {
      const tag = at(`${own}@refs/tags/v1.1.0`, 'refs/tags/v1.1.0');
      expect(believes(tag, at(`${own}@refs/tags/v1.0.0`, 'refs/tags/v1.0.0'))).toBe(true);
      expect(believes(tag, at(`${own}@refs/heads/main`, 'refs/heads/main'))).toBe(false);
      expect(believes(tag, at(`${own}@refs/tags/v1.0.0`, 'refs/heads/evil'))).toBe(false);
      expect(believes(tag, at(`${own}x@refs/tags/v1.0.0`, 'refs/tags/v1.0.0'))).toBe(false);
      expect(believes(tag, { ...at(`${own}@refs/tags/v1.0.0`, 'refs/tags/v1.0.0'), sourceRepositoryId: '1' })).toBe(
        false,
      );
    });

    test('of a git tag by a shared workflow is that of the same release of the workflow', () => {
      const tag = { ...FOUND, sourceRef: 'refs/tags/v1' };
      expect(believes(tag, { ...FOUND, sourceRef: 'refs/tags/v0' })).toBe(true);
      expect(believes(tag, { ...FOUND, sourceRef: 'refs/tags/v0', subject: FOUND.subject.replace(/v1$/, 'v2') })).toBe(
        false,
      );
    });
  });
});
