import { describe, expect, test } from '@jest/globals';
import { makeGitState, type RawGitState } from '@tidegate/core';
import { cacheScope } from './cache-scope.ts';

interface Given extends Partial<RawGitState> {
  readonly context?: string;
}

function scope({ context = '.', ...raw }: Given = {}) {
  const sha = 'a'.repeat(40);
  const git = { event: 'push', ref: 'refs/heads/main', sha, defaultBranch: 'main', repository: 'acme/app', ...raw };
  return cacheScope(makeGitState(git), context);
}

const PULL = { event: 'pull_request', ref: 'refs/pull/7/merge', headRepository: 'acme/app' };

describe('caches that a release reads are written by', () => {
  test.each<[string, Given]>([
    ['a push to the default branch', {}],
    ['a git tag', { ref: 'refs/tags/v1.2.3' }],
    ['a schedule', { event: 'schedule' }],
    ['a run started by hand on the default branch', { event: 'workflow_dispatch' }],
    ['a release of a git tag', { event: 'release', ref: 'refs/tags/v1.2.3' }],
  ])('%s', (_, given) => {
    expect(scope(given).runs).toBe('publish');
  });

  test.each<[string, Given]>([
    ['a pull request from a fork', { ...PULL, headRepository: 'mallory/app' }],
    ['a pull request of this repository', PULL],
    ['a pull request that says nothing of its head', { ...PULL, headRepository: '' }],
    ['pull_request_target, on the default branch', { event: 'pull_request_target', headRepository: 'mallory/app' }],
    ['workflow_run, on the default branch', { event: 'workflow_run', headRepository: 'mallory/app' }],
    ['issue_comment, on the default branch', { event: 'issue_comment' }],
    ['a merge queue', { event: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc' }],
    ['repository_dispatch', { event: 'repository_dispatch' }],
    ['a push that names the ref of a pull request', { ref: 'refs/pull/7/merge' }],
    ['a release of a branch', { event: 'release' }],
  ])('not %s', (_, given) => {
    expect(scope(given).runs).toBe('other');
  });

  test.each(['main-x', 'Main', 'release/1.x', 'publish', 'other', 'publish/x', 'refs/heads/main'])(
    'not a push to the branch %s',
    (name) => {
      expect(scope({ ref: `refs/heads/${name}` }).runs).toMatch(/^branch-[a-z0-9-]+$/);
    },
  );
});

test('each branch but the default one has a cache of its own', () => {
  const names = ['feature/a', 'feature-a', 'feature/b', `${'x'.repeat(60)}1`, `${'x'.repeat(60)}2`, '分支'];
  const runs = names.map((name) => scope({ ref: `refs/heads/${name}` }).runs);
  expect(new Set(runs).size).toBe(names.length);
  expect(Math.max(...runs.map((one) => one.length))).toBeLessThan(64);
});

test('code of a git URL has its own scope too, and no password is part of a name', () => {
  const context = 'https://user:s3cret@example.com/other/repository.git#refs/pull/7/head';
  const { runs } = scope({ context });
  expect(runs).toMatch(/^context-[0-9a-f]{12}$/);
  expect(scope({ context: `${context}:folder` }).runs).not.toBe(runs);
  expect(scope({ ...PULL, context }).runs).toBe('other');
});

test('repositories share nothing, whatever characters tell them apart', () => {
  const names = ['acme/app', 'acme/app-1', 'acme/app.1', 'acme-app/1', 'acme/app_1'];
  const folders = names.map((repository) => scope({ repository }).repository);
  expect(new Set(folders).size).toBe(names.length);
  expect(scope({ repository: 'Acme/App' })).toEqual(scope());
});
