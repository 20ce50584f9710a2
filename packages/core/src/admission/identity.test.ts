import { describe, expect, test } from '@jest/globals';
import { anchored, identityProblems, matches, pattern, workflowIdentity } from './identity.ts';

const FOUND = {
  subject: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
  sourceRepository: 'https://github.com/acme/app',
  sourceRef: 'refs/heads/main',
  sourceDigest: 'a'.repeat(40),
};
const WORKFLOW = 'acme/app/.github/workflows/release.yml';

describe('the identity of a workflow', () => {
  test.each([
    ['any ref of one workflow', { workflow: WORKFLOW }],
    ['one ref of it', { workflow: `${WORKFLOW}@refs/heads/main` }],
    ['refs by glob', { workflow: `${WORKFLOW}@refs/heads/*` }],
    ['the source repository', { workflow: WORKFLOW, repository: 'acme/app' }],
    ['the source ref', { workflow: WORKFLOW, ref: 'refs/heads/main' }],
    ['the source ref by glob', { workflow: WORKFLOW, ref: 'refs/heads/m*n' }],
    ['the commit', { workflow: WORKFLOW, commit: 'a'.repeat(40) }],
  ])('is %s', (_, given) => {
    expect(identityProblems(workflowIdentity(given), FOUND)).toEqual([]);
  });

  // Each would pass an unanchored or unescaped comparison.
  test.each([
    ['the name continued', { subject: `${FOUND.subject.replace('@', '.evil.yml@')}` }],
    ['another server in front', { subject: `https://evil.example/?${FOUND.subject}` }],
    ['a dot that is any character', { subject: FOUND.subject.replace('release.yml', 'releasexyml') }],
    ['a longer owner', { subject: FOUND.subject.replace('/acme/', '/xacme/') }],
    ['a line break behind', { subject: `${FOUND.subject}\n` }],
    ['no subject at all', { subject: '' }],
    ['another issuer', { issuer: 'https://token.actions.githubusercontent.com.evil.example' }],
    ['the issuer with a slash', { issuer: `${FOUND.issuer}/` }],
    ['another repository', { sourceRepository: 'https://github.com/acme/app2' }],
    ['no repository certified', { sourceRepository: undefined }],
    ['another ref', { sourceRef: 'refs/heads/main2' }],
    ['a ref deeper down', { sourceRef: 'refs/heads/main/x' }],
    ['another commit', { sourceDigest: 'b'.repeat(40) }],
  ])('is not %s', (_, change) => {
    const expected = workflowIdentity({
      workflow: `${WORKFLOW}@refs/heads/main`,
      repository: 'acme/app',
      ref: 'refs/heads/m*n',
      commit: 'a'.repeat(40),
    });
    const found = { ...FOUND, ...change } as typeof FOUND;
    expect(identityProblems(expected, found)).toHaveLength(1);
  });

  test('any ref of a workflow is not any workflow that begins alike', () => {
    const found = { ...FOUND, subject: FOUND.subject.replace('.yml@', '.yml.yml@') };
    expect(identityProblems(workflowIdentity({ workflow: WORKFLOW }), found)).toHaveLength(1);
  });

  test.each([
    [{ workflow: 'acme/app' }, 'Input workflow'],
    [{ workflow: '' }, 'Input workflow'],
    [{ workflow: 'https://github.com/acme/app/.github/workflows/r.yml' }, 'Input workflow'],
    [{ workflow: 'acme/app/.github/workflows/*.yml' }, 'Input workflow'],
    [{ workflow: WORKFLOW, repository: 'https://github.com/acme/app' }, 'Input source-repository'],
    [{ workflow: WORKFLOW, repository: 'acme/*' }, 'Input source-repository'],
    [{ workflow: WORKFLOW, ref: 'main' }, 'Input source-ref'],
    [{ workflow: WORKFLOW, ref: 'refs/heads/a b' }, 'Input source-ref'],
    [{ workflow: WORKFLOW, commit: 'abc1234' }, 'Input source-commit'],
    [{ workflow: WORKFLOW, commit: 'A'.repeat(40) }, 'Input source-commit'],
  ])('is refused as %j', (given, why) => {
    expect(() => workflowIdentity(given)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(why), next: expect.any(String) }),
    );
  });
});

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
