import { describe, expect, test } from '@jest/globals';
import { exact, GITHUB_ISSUER, identityProblems, pattern } from './identity.ts';
import { signerIdentity, workflowIdentity, workflowOf } from './workflow-identity.ts';

const FOUND = {
  subject: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
  sourceRepository: 'https://github.com/acme/app',
  sourceRef: 'refs/heads/main',
  sourceRepositoryId: '4711',
  sourceDigest: 'a'.repeat(40),
  runnerEnvironment: 'github-hosted',
};
const WORKFLOW = 'acme/app/.github/workflows/release.yml';

describe('the identity of a workflow', () => {
  test.each([
    ['any ref of one workflow', { workflow: WORKFLOW }],
    ['one ref of it', { workflow: `${WORKFLOW}@refs/heads/main` }],
    ['refs by glob', { workflow: `${WORKFLOW}@refs/heads/*` }],
    ['the source repository', { workflow: WORKFLOW, repository: 'acme/app' }],
    ['its numeric id', { workflow: WORKFLOW, repositoryId: '4711' }],
    ['any runner', { workflow: WORKFLOW, runner: 'any' as const }],
    ['the source ref', { workflow: WORKFLOW, ref: 'refs/heads/main' }],
    ['the source ref by glob', { workflow: WORKFLOW, ref: 'refs/heads/m*n' }],
    ['the commit', { workflow: WORKFLOW, commit: 'a'.repeat(40) }],
  ])('is %s', (_, given) => {
    expect(identityProblems(workflowIdentity(given), FOUND)).toEqual([]);
  });

  // An unanchored or unescaped comparison would accept each of these.
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
    ['a repository that was made again under the name', { sourceRepositoryId: '4712' }],
    ['a self-hosted runner', { runnerEnvironment: 'self-hosted' }],
    ['a runner that is not certified', { runnerEnvironment: undefined }],
    ['another ref', { sourceRef: 'refs/heads/main2' }],
    ['a ref deeper down', { sourceRef: 'refs/heads/main/x' }],
    ['another commit', { sourceDigest: 'b'.repeat(40) }],
  ])('is not %s', (_, change) => {
    const expected = workflowIdentity({
      workflow: `${WORKFLOW}@refs/heads/main`,
      repository: 'acme/app',
      repositoryId: '4711',
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
    [{ workflow: WORKFLOW, repositoryId: 'acme' }, 'Input source-repository-id'],
    [{ workflow: WORKFLOW, repositoryId: '0' }, 'Input source-repository-id'],
    [{ workflow: WORKFLOW, ref: 'main' }, 'Input source-ref'],
    [{ workflow: WORKFLOW, ref: 'refs/heads/a b' }, 'Input source-ref'],
    [{ workflow: WORKFLOW, commit: 'abc1234' }, 'Input source-commit'],
    [{ workflow: WORKFLOW, commit: 'A'.repeat(40) }, 'Input source-commit'],
  ])('is refused as %j', (given, why) => {
    expect(() => workflowIdentity(given)).toThrow(
      expect.objectContaining({ kind: 'bad-input', message: expect.stringContaining(why), next: expect.any(String) }),
    );
  });
});

describe('a workflow that other repositories call', () => {
  const SHARED = 'tidegate/tidegate/.github/workflows/commit-to-registry.yml';
  const ofCaller = (repository: string) => ({
    ...FOUND,
    subject: `https://github.com/${SHARED}@refs/tags/v1`,
    sourceRepository: `https://github.com/${repository}`,
  });

  test('is no identity without the repository that called it', () => {
    for (const workflow of [SHARED, `${SHARED}@refs/tags/v1`, 'acme/copy/.github/workflows/commit-to-registry.yml']) {
      expect(() => workflowIdentity({ workflow })).toThrow('source-repository');
      const subject = exact(`https://github.com/${workflow}${workflow.includes('@') ? '' : '@refs/tags/v1'}`);
      expect(() => signerIdentity(subject, GITHUB_ISSUER, {}, 'certificate-identity', subject.kind)).toThrow(
        'Input certificate-identity',
      );
    }
  });

  test('with it is the identity of that repository alone', () => {
    const expected = workflowIdentity({ workflow: SHARED, repository: 'acme/app' });
    expect(identityProblems(expected, ofCaller('acme/app'))).toEqual([]);
    expect(identityProblems(expected, ofCaller('evil/app'))).toEqual([
      'source repository is https://github.com/evil/app, expected https://github.com/acme/app',
    ]);
  });

  test('whatever its name, does not make images of its callers count as those of its own repository', () => {
    const called = { ...FOUND, sourceRepository: 'https://github.com/evil/app' };
    expect(identityProblems(workflowIdentity({ workflow: WORKFLOW }), called)).toHaveLength(1);
    const exactly = signerIdentity(exact(FOUND.subject), GITHUB_ISSUER, {}, 'certificate-identity', FOUND.subject);
    expect(identityProblems(exactly, FOUND)).toEqual([]);
    expect(identityProblems(exactly, called)).toHaveLength(1);
  });

  test.each(['https://github\\.com/acme/.+', '.*', 'https://github\\.com/acme/app/\\.github/workflows/a\\.yml@x|.*'])(
    'may be meant by the pattern %j, which needs a repository beside it',
    (source) => {
      const subject = pattern(source, 'x');
      const input = 'certificate-identity-regexp';
      expect(() => signerIdentity(subject, GITHUB_ISSUER, {}, input, source)).toThrow(`Input ${input}`);
      const enterprise = `${GITHUB_ISSUER}/acme`;
      expect(() => signerIdentity(subject, enterprise, {}, input, source)).toThrow(`Input ${input}`);
      expect(signerIdentity(subject, GITHUB_ISSUER, { repository: 'acme/app' }, input, source)).toMatchObject({
        sourceRepository: exact('https://github.com/acme/app'),
        runnerEnvironment: exact('github-hosted'),
      });
    },
  );

  test('is not what a mail address of another issuer is: no repository is certified there', () => {
    const identity = signerIdentity(exact('ada@acme.example'), 'https://accounts.example', {}, 'x', '');
    expect(identity).toEqual({ issuer: exact('https://accounts.example'), subject: exact('ada@acme.example') });
  });
});

describe('the workflow that a subject names', () => {
  const FILE = 'https://github.com/acme/app/.github/workflows/release.yml';
  const escaped = FILE.replaceAll('.', '\\.');

  test.each([
    [exact(`${FILE}@refs/tags/v1`), 'refs/tags/v1'],
    [pattern(`${escaped}@.+`, 'x'), ''],
    [pattern(`${escaped}@refs/tags/v[0-9]`, 'x'), 'refs/tags/v'],
    [pattern(`${escaped}@refs/tags/v1?`, 'x'), 'refs/tags/v'],
  ])('is read of %j', (subject, ref) => {
    expect(workflowOf(subject)).toEqual({ repository: 'https://github.com/acme/app', file: FILE, ref });
  });

  test.each([
    exact('ada@acme.example'),
    exact(`${FILE}`),
    exact(`${FILE}.evil`),
    // An unescaped dot matches any character.
    pattern(`${FILE}@.+`, 'x'),
    pattern(`${escaped}@a|https://evil\\.example/.*`, 'x'),
    pattern(`(${escaped})?@.+`, 'x'),
    pattern(`${escaped.replace('app', 'ap*')}@.+`, 'x'),
    pattern(`${escaped.replace('app', '[a]pp')}@.+`, 'x'),
    pattern(`${escaped.replace('app', '\\wpp')}@.+`, 'x'),
  ])('is none in %j', (subject) => {
    expect(workflowOf(subject)).toBeUndefined();
  });
});
