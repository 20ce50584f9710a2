import { expect, test } from '@jest/globals';
import type { RuleName, Verdict } from '@tidegate/core';
import { assertPassed } from './gate.ts';

test.each<[RuleName[], string]>([
  [
    ['severity-threshold'],
    'Make the changes that the job summary lists, or add an exception with an expiry date to the policy. No tag was set.',
  ],
  [['image-user', 'scan-recent'], 'Make the changes that the job summary lists. No tag was set.'],
  [
    ['image-user', 'severity-threshold', 'known-exploited'],
    'Make the changes that the job summary lists, or add an exception with an expiry date to the policy for findings of severity-threshold and known-exploited. No tag was set.',
  ],
])('an exception is advised only for rules of findings: %j', (names, next) => {
  const rules = names.map((rule) => ({ rule, outcome: 'fail', why: 'It fails.' }));
  const verdict = { passed: false, rules } as unknown as Verdict;
  expect(() => assertPassed(verdict)).toThrow(expect.objectContaining({ id: 'gate-failed', next }));
});
