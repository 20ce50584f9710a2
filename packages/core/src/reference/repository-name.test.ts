import { describe, expect, test } from '@jest/globals';
import { workflowIdentity } from '../admission/workflow-identity.ts';
import { TidegateError } from '../error.ts';
import { makeGitState } from '../plan/git-state.ts';
import { isRepositoryName, parseRepositoryName } from './repository-name.ts';

const GOOD = [
  'acme/app',
  'Acme/App',
  'a/b',
  // Enterprise Managed Users: https://docs.github.com/enterprise-cloud@latest/admin/concepts/identity-and-access-management/enterprise-managed-users
  'ada_acme/app',
  'ada-l_acme/.github',
  // Forgejo and Gitea.
  'ada.lovelace/app',
  '_ada/app',
  'acme/my.app_x-y',
  'acme/...',
  'acme/..app',
  `${'o'.repeat(100)}/${'r'.repeat(100)}`,
];

const BAD = [
  '',
  'app',
  '/app',
  'acme/',
  'acme/app/x',
  'acme/.',
  'acme/..',
  './app',
  '../app',
  'acme app/x',
  'acme/app\n',
  'acme/<b>',
  'acme/app?x',
  'acme/app#x',
  'acme/app@v1',
  'acme\\app/x',
  'açme/app',
  `${'o'.repeat(101)}/app`,
];

/** All readers of `owner/name`: they accept and reject the same names. */
const READERS: readonly (readonly [string, (name: string) => unknown])[] = [
  ['the grammar', (name) => parseRepositoryName(name, 'repository')],
  [
    'a commit',
    (repository) =>
      makeGitState({
        event: 'push',
        ref: 'refs/heads/main',
        sha: 'a'.repeat(40),
        defaultBranch: 'main',
        repository,
      }),
  ],
  ['a workflow to trust', (name) => workflowIdentity({ workflow: `${name}/.github/workflows/release.yml` })],
  [
    'a source repository to trust',
    (repository) => workflowIdentity({ workflow: 'acme/app/.github/workflows/release.yml', repository }),
  ],
];

describe.each(READERS)('owner and repository as %s reads them', (_, read) => {
  test.each(GOOD)('%s is a name', (name) => expect(() => read(name)).not.toThrow());
  test.each(BAD)('%j is not', (name) => expect(() => read(name)).toThrow(TidegateError));
});

test('a name is taken apart at its slash', () => {
  expect(parseRepositoryName('ada_acme/my.app', 'repository')).toEqual({ owner: 'ada_acme', name: 'my.app' });
  expect(isRepositoryName('ada_acme/my.app')).toBe(true);
});
