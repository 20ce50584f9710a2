import { describe, expect, test } from '@jest/globals';
import type { LocalCheckout } from './checkout.ts';
import { assertUnchanged, changeWarning, commitVariables } from './context.ts';

const CLEAN: LocalCheckout = {
  top: '/src',
  commit: 'a'.repeat(40),
  branch: 'refs/heads/main',
  tags: [],
  origin: 'git@github.com:acme/app.git',
  defaultBranch: 'main',
  changed: [],
};

test('the variables are those of a push of the branch that is checked out', () => {
  expect(commitVariables({ ...CLEAN, tags: ['refs/tags/v1'] }, {}, true)).toEqual({
    GITHUB_SHA: CLEAN.commit,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKSPACE: '/src',
  });
});

test('a detached HEAD is its only tag', () => {
  const variables = commitVariables({ ...CLEAN, branch: undefined, tags: ['refs/tags/v1'] }, {}, true);
  expect(variables.GITHUB_REF).toBe('refs/tags/v1');
});

test('--ref chooses a tag of the commit, and the branch of a detached HEAD', () => {
  expect(commitVariables({ ...CLEAN, tags: ['refs/tags/v1'] }, { ref: 'refs/tags/v1' }, true).GITHUB_REF).toBe(
    'refs/tags/v1',
  );
  expect(commitVariables({ ...CLEAN, branch: undefined }, { ref: 'refs/heads/x' }, true).GITHUB_REF).toBe(
    'refs/heads/x',
  );
});

test('--repository takes a name or a URL', () => {
  const read = (repository: string) => commitVariables({ ...CLEAN, origin: undefined }, { repository }, true);
  expect(read('o/n')).toMatchObject({ GITHUB_REPOSITORY: 'o/n', GITHUB_SERVER_URL: 'https://github.com' });
  expect(read('https://git.example.org/o/n')).toMatchObject({ GITHUB_SERVER_URL: 'https://git.example.org' });
});

test('--no-publish is an event that never publishes', () => {
  expect(commitVariables(CLEAN, {}, false).GITHUB_EVENT_NAME).toBe('no_publish');
});

describe('what git does not say is an error', () => {
  test.each([
    [{ branch: undefined }, {}, 'HEAD is detached at aaaa'],
    [{ branch: undefined, tags: ['refs/tags/a', 'refs/tags/b'] }, {}, 'which has 2 tags'],
    [{}, { ref: 'refs/tags/v2' }, 'refs/tags/v2 is not checked out here.'],
    [{}, { ref: 'refs/heads/other' }, 'refs/heads/other is not checked out here.'],
    [{ origin: undefined }, {}, 'The checkout has no remote named origin.'],
    [{ origin: '/srv/app.git' }, {}, 'The remote origin is not a repository on a server.'],
  ])('%j %j', (state, choice, message) => {
    expect(() => commitVariables({ ...CLEAN, ...state }, choice, true)).toThrow(
      expect.objectContaining({ id: 'commit-unknown', message: expect.stringContaining(message) }),
    );
  });

  test.each([{ ref: 'main' }, { repository: 'x' }])('%j is a wrong flag', (choice) => {
    expect(() => commitVariables(CLEAN, choice, true)).toThrow(expect.objectContaining({ id: 'command-line-invalid' }));
  });
});

test('a changed work tree is not published', () => {
  expect(() => assertUnchanged(CLEAN)).not.toThrow();
  expect(() => assertUnchanged({ ...CLEAN, changed: ['a', 'b', 'c', 'd'] })).toThrow(
    expect.objectContaining({
      id: 'work-tree-changed',
      message: expect.stringContaining('a, b, c and 1 more differ from commit aaaaaaaaaaaa'),
    }),
  );
});

test('a private key in the work tree is to be moved, not committed', () => {
  const changed = ['a', 'b', 'c', 'deploy/cosign.key'];
  const next = (keyFile?: string) => {
    try {
      assertUnchanged({ ...CLEAN, changed }, keyFile);
    } catch (error) {
      return (error as { next?: string }).next;
    }
    return 'accepted';
  };
  expect(next('/src/deploy/cosign.key')).toMatch(/^Move the private key deploy\/cosign\.key out of the checkout/);
  for (const other of [undefined, '/src/other.key', '/home/me/cosign.key']) expect(next(other)).toMatch(/^Commit or/);
});

test('without a remote, one error names every flag that is needed', () => {
  const next = (state: Partial<LocalCheckout>, choice: object) => {
    try {
      commitVariables({ ...CLEAN, origin: undefined, ...state }, choice, true);
    } catch (error) {
      return (error as { next?: string }).next;
    }
    return 'accepted';
  };
  expect(next({ defaultBranch: undefined }, {})).toContain('and --default-branch BRANCH.');
  expect(next({ defaultBranch: undefined }, { 'default-branch': 'main' })).not.toContain('--default-branch');
  expect(next({}, {})).not.toContain('--default-branch');
});

describe('uncommitted changes', () => {
  const warned = (commit: 'needed' | 'used', ...changed: string[]) =>
    changeWarning({ commit }, { ...CLEAN, changed }, '.github/tidegate.yml');

  test('are a warning for a command that reads the files of the checkout', () => {
    expect(warned('needed', 'a')).toBe('a differs from commit aaaaaaaaaaaa; ship and push refuse uncommitted changes.');
  });

  test.each([
    [['a', 'src/.github/tidegate.yml'], undefined],
    [['a', '.github/tidegate.yml'], '.github/tidegate.yml differs from commit aaaaaaaaaaaa, whose policy applies.'],
    [['.github/'], '.github/tidegate.yml differs from commit aaaaaaaaaaaa, whose policy applies.'],
  ])('matter for a command that reads an image only if the policy changed: %j', (changed, expected) => {
    expect(warned('used', ...changed)).toBe(expected);
  });
});
