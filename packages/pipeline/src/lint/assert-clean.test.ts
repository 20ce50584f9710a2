import { expect, test } from '@jest/globals';
import type { SourceFinding } from '@tidegate/source';
import { assertClean } from './assert-clean.ts';

const finding: SourceFinding = {
  rule: 'root-user',
  level: 'warning',
  file: 'Dockerfile',
  line: 3,
  message: 'The image runs as root.',
  why: 'Because.',
  fix: 'Add USER.',
};

test('findings at or above the level fail, with the place of the first', () => {
  expect(() =>
    assertClean(
      [
        { ...finding, level: 'error' },
        { ...finding, level: 'error' },
      ],
      'error',
    ),
  ).toThrow(
    expect.objectContaining({
      id: 'source-rule-failed',
      message: 'Dockerfile:3 root-user: The image runs as root, and 1 more finding.',
    }),
  );
});

test('findings below the level do not fail, and none do if the level is none', () => {
  expect(() => assertClean([finding], 'error')).not.toThrow();
  expect(() => assertClean([{ ...finding, level: 'error' }], 'none')).not.toThrow();
});

test.each([
  ['root-user', 'Dockerfile', 'Add USER. Or add the comment # tidegate: ignore=root-user with a reason above it.'],
  ['manifest-root-user', 'pod.json', 'Add USER.'],
  ['dockerfile-unreadable', 'Dockerfile', 'Add USER.'],
  ['file-not-read', 'x.sh', 'Add USER.'],
  ['ignore-unused', 'Dockerfile', 'Add USER.'],
])('a comment is advised only where it helps: %s in %s', (rule, file, next) => {
  const failing = { ...finding, level: 'error', rule: rule as SourceFinding['rule'], file } as const;
  expect(() => assertClean([failing], 'error')).toThrow(expect.objectContaining({ next }));
});
