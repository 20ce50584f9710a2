import { expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import type { Level, SourceFinding } from '@tidegate/source';
import { lintAnnotations } from './lint-annotations.ts';

const found = (level: Level, line: number): SourceFinding => ({
  ...{ rule: 'root-user', level, file: 'Dockerfile', line },
  ...{ message: 'The image runs as root.', why: 'An attacker gets root.', fix: 'Add a USER instruction.' },
});
const many = (level: Level, from: number, count: number) =>
  Array.from({ length: count }, (_, at) => found(level, from + at));
const shown = (...from: Parameters<typeof lintAnnotations>) =>
  lintAnnotations(...from).map(({ level, line }) => `${level} ${line}`);

test('a finding that fails the run is an error and comes first, others are warnings', () => {
  const findings = [found('note', 1), found('warning', 2), found('error', 3)];
  expect(shown(findings, 'error')).toEqual(['error 3', 'warning 2']);
  expect(shown(findings, 'warning')).toEqual(['error 3', 'error 2']);
  expect(shown(findings, 'note')).toEqual(['error 3', 'error 2', 'error 1']);
  expect(shown(findings, 'none')).toEqual(['warning 3', 'warning 2']);
});

test('each is on its line, with the reason and the fix', () => {
  expect(lintAnnotations([found('error', 7)], 'error')).toEqual([
    {
      ...{ level: 'error', title: 'root-user', file: 'Dockerfile', line: 7 },
      message: 'The image runs as root. An attacker gets root. Add a USER instruction.',
    },
  ]);
});

test('with the error of the step there are ten at most, and the last one counts the rest', () => {
  const annotations = lintAnnotations([...many('warning', 1, 30), ...many('error', 101, 12)], 'error');
  expect(annotations.map(({ line }) => line)).toEqual([101, 102, 103, 104, 105, 106, 107, 108, 109]);
  expect(annotations.at(-1)?.message).toMatch(/ 33 more findings, 3 of them blocking, are in the job summary\.$/);
  expect(annotations.at(-2)?.message).toMatch(/instruction\.$/);
  expect(lintAnnotations(many('warning', 1, 10), 'error').at(-1)?.message).toMatch(/ 1 more finding is in the job/);
});

test('annotations of other findings of the step leave less room, or none', () => {
  const findings = many('warning', 1, 5);
  expect(shown(findings, 'error', { most: 2 })).toEqual(['warning 1', 'warning 2']);
  expect(shown(findings, 'error', { most: 0 })).toEqual([]);
});

test('two findings of a rule on one line share an annotation, which says the common reason and fix once', () => {
  const second = { ...found('error', 1), message: 'The health check runs as root.' };
  const findings = [found('error', 1), second, { ...second, file: 'other.Dockerfile' }, { ...second, rule: 'secret' }];
  expect(lintAnnotations(findings, 'error').map(({ message }) => message)).toEqual([
    'The image runs as root. The health check runs as root. An attacker gets root. Add a USER instruction.',
    'The health check runs as root. An attacker gets root. Add a USER instruction.',
    'The health check runs as root. An attacker gets root. Add a USER instruction.',
  ]);
});

test("a line that BuildKit rejected has the step's error, and no warning of the same", () => {
  const unreadable = { ...found('error', 2), rule: 'dockerfile-unreadable' };
  const failedAt = (line: number, id: 'dockerfile-syntax' | 'build-step' = 'dockerfile-syntax') =>
    new TidegateError(id, 'Dockerfile:2: no.', { place: { file: 'Dockerfile', line } });
  const told = (failure: unknown) => shown([unreadable, found('error', 2)], 'none', { failure });
  expect(told(failedAt(2))).toEqual(['warning 2']);
  expect(told(failedAt(3))).toEqual(['warning 2', 'warning 2']);
  expect(told(failedAt(2, 'build-step'))).toEqual(['warning 2', 'warning 2']);
  expect(told(undefined)).toEqual(['warning 2', 'warning 2']);
});
