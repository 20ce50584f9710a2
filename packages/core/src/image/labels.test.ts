import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { makeGitState } from '../plan/git-state.ts';
import { planLabels } from './labels.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const commit = {
  event: 'push',
  ref: 'refs/heads/main',
  sha: SHA,
  defaultBranch: 'main',
  repository: 'acme/app',
  serverUrl: 'https://ghe.example.com',
} as const;
const git = makeGitState({ ...commit, commitTime: '2026-11-24T09:00:00.250+01:00' });

describe('labels of a commit', () => {
  test('say where it is from, which it is and when it was made', () => {
    expect(planLabels(git, { version: '1.2.3' })).toEqual({
      'org.opencontainers.image.created': '2026-11-24T08:00:00Z',
      'org.opencontainers.image.revision': SHA,
      'org.opencontainers.image.source': 'https://ghe.example.com/acme/app',
      'org.opencontainers.image.title': 'app',
      'org.opencontainers.image.url': 'https://ghe.example.com/acme/app',
      'org.opencontainers.image.version': '1.2.3',
    });
  });

  test('omit unknown facts', () => {
    const names = Object.keys(planLabels(makeGitState(commit))).map((key) => key.split('.').at(-1));
    expect(names).toEqual(['revision', 'source', 'title', 'url']);
  });

  test('hold description and licences where they are given', () => {
    expect(planLabels(git, { description: 'An app', licenses: 'Apache-2.0', title: 'App' })).toMatchObject({
      'org.opencontainers.image.description': 'An app',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.title': 'App',
    });
  });

  test("give way to the user's own; an empty one removes", () => {
    const labels = planLabels(git, {
      override: [
        ['org.opencontainers.image.title', 'Mine'],
        ['org.opencontainers.image.url', ''],
        ['team', 'blue=green\nline two'],
      ],
    });
    expect(labels).toMatchObject({ 'org.opencontainers.image.title': 'Mine', team: 'blue=green\nline two' });
    expect(labels).not.toHaveProperty(['org.opencontainers.image.url']);
  });

  test('are in one order, so that the same commit gives the same bytes', () => {
    const keys = Object.keys(planLabels(git, { override: [['a', '1']] }));
    expect(keys).toEqual(keys.toSorted());
  });

  test.each(['', 'a b', 'a=b', 'é', 'a\nb', '__proto__'])('refuse the key %j', (key) => {
    expect(() => planLabels(git, { override: [[key, 'x']] })).toThrow(TidegateError);
  });
});
