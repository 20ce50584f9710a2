import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { eventKind, type GitRef, makeGitState, parseGitRef, type RawGitState } from './git-state.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const raw = (over: Partial<RawGitState> = {}): RawGitState => ({
  event: 'push',
  ref: 'refs/heads/main',
  sha: SHA,
  defaultBranch: 'main',
  repository: 'acme/app',
  ...over,
});

describe('a ref', () => {
  test.each<[string, GitRef]>([
    ['refs/heads/main', { kind: 'branch', name: 'main' }],
    ['refs/heads/feat/x', { kind: 'branch', name: 'feat/x' }],
    ['refs/heads/refs/tags/v1', { kind: 'branch', name: 'refs/tags/v1' }],
    ['refs/heads/$(id);`x`&&y', { kind: 'branch', name: '$(id);`x`&&y' }],
    ['refs/tags/v1.2.3', { kind: 'tag', name: 'v1.2.3' }],
    ['refs/pull/7/merge', { kind: 'pull', number: 7 }],
    ['refs/pull/7/head', { kind: 'pull', number: 7 }],
  ])('%s', (text, ref) => expect(parseGitRef(text)).toEqual(ref));

  test.each([
    '',
    'main',
    'refs/heads/',
    'refs/heads/a..b',
    'refs/heads/a b',
    'refs/heads/a\nb',
    'refs/heads/a\u007f',
    'refs/heads//a',
    'refs/heads/a/',
    'refs/heads/a.lock',
    'refs/heads/a@{1}',
    'refs/heads/a~1',
    'refs/pull/0/merge',
    'refs/pull/7',
    'refs/pull/7/merge/x',
    'refs/notes/x',
  ])('%j is none that git would have', (text) => expect(() => parseGitRef(text)).toThrow(TidegateError));
});

describe('an event', () => {
  test.each([
    ['push', 'push'],
    ['schedule', 'schedule'],
    ['workflow_dispatch', 'workflow_dispatch'],
    ['pull_request', 'pull_request'],
    ['pull_request_target', 'pull_request'],
    ['pull_request_review', 'pull_request'],
    ['workflow_run', 'other'],
    ['release', 'other'],
    ['merge_group', 'other'],
  ])('%s is of kind %s', (name, kind) => expect(eventKind(name)).toBe(kind));
});

describe('a commit', () => {
  test('is read into one state', () => {
    expect(makeGitState(raw({ commitTime: '2026-11-24T09:00:00+01:00' }))).toEqual({
      event: { kind: 'push', name: 'push' },
      ref: { kind: 'branch', name: 'main' },
      sha: SHA,
      defaultBranch: 'main',
      repository: 'acme/app',
      serverUrl: 'https://github.com',
      commitTime: new Date('2026-11-24T08:00:00Z'),
      fork: false,
      attempt: 1,
      head: { known: false, why: 'GitHub was not asked' },
      tags: { known: false, why: 'GitHub was not asked' },
      release: { known: false, why: 'GitHub was not asked' },
      about: {},
    });
  });

  test('of SHA-256 repositories is one too', () => {
    expect(makeGitState(raw({ sha: 'a'.repeat(64) })).sha).toHaveLength(64);
  });

  test.each<[string, Partial<RawGitState>]>([
    ['a short sha', { sha: 'abc1234' }],
    ['an upper-case sha', { sha: SHA.toUpperCase() }],
    ['a sha with a line break', { sha: `${SHA}\n` }],
    ['a repository without owner', { repository: 'app' }],
    ['a repository of three parts', { repository: 'a/b/c' }],
    ['a repository with markup', { repository: 'a/<b>' }],
    ['an event with a blank', { event: 'push it' }],
    ['a default branch of blanks', { defaultBranch: ' ' }],
    ['a commit time that is none', { commitTime: 'yesterday' }],
    ['an invalid date', { commitTime: new Date(Number.NaN) }],
    ['a server that is no URL', { serverUrl: 'github.com' }],
    ['a server that is a script', { serverUrl: 'javascript:alert(1)' }],
    ['a server with credentials', { serverUrl: 'https://me:secret@github.com' }],
    ['a pull request below 1', { pullRequest: 0 }],
    ['an attempt below 1', { attempt: 0 }],
    ['a pull request in parts', { pullRequest: 1.5 }],
  ])('%s is refused', (_, over) =>
    expect(() => makeGitState(raw(over))).toThrow(expect.objectContaining({ id: 'not-a-workflow' })),
  );

  test("a server's URL has no slash at its end", () => {
    expect(makeGitState(raw({ serverUrl: 'https://ghe.example.com/git/' })).serverUrl).toBe(
      'https://ghe.example.com/git',
    );
  });
});

describe('a pull request', () => {
  const pull = (over: Partial<RawGitState>) =>
    makeGitState(raw({ event: 'pull_request', ref: 'refs/pull/7/merge', ...over }));

  test('is numbered by its ref', () => expect(pull({ headRepository: 'acme/app' }).pullRequest).toBe(7));

  test.each([
    ['the same repository', 'acme/app', false],
    ['the same repository, written otherwise', 'Acme/App', false],
    ['another repository', 'mallory/app', true],
    ['a repository that is gone', '', true],
    ['nobody knows where', undefined, true],
  ])('from %s', (_, headRepository, fork) => {
    expect(pull(headRepository === undefined ? {} : { headRepository }).fork).toBe(fork);
  });

  test('on pull_request_target is a fork where its head is another repository, whatever its ref', () => {
    const state = makeGitState(raw({ event: 'pull_request_target', headRepository: 'mallory/app', pullRequest: 7 }));
    expect(state).toMatchObject({ fork: true, pullRequest: 7, event: { kind: 'pull_request' } });
  });
});
