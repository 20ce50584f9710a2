import { expect, test } from '@jest/globals';
import { failedSuites, tallyOf, tallyOfBoth } from './jest-report.ts';

test.each([
  ['tests that pass', { numPassedTests: 5, numFailedTests: 0 }, 0, { passed: 5, failed: 0 }],
  ['tests that fail', { numPassedTests: 5, numFailedTests: 2 }, 1, { passed: 5, failed: 2 }],
  [
    'a suite that does not load',
    { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 1 },
    1,
    { passed: 5, failed: 1 },
  ],
  ['a failure that no test owns', { numPassedTests: 5, numFailedTests: 0 }, 1, { passed: 5, failed: 1 }],
  ['no test at all', { numPassedTests: 0, numFailedTests: 0 }, 0, { passed: 0, failed: 1 }],
])('%s are counted', (_, report, code, tally) => {
  expect(tallyOf(JSON.stringify(report), code)).toEqual(tally);
});

test('a run that leaves no report has failed', () => {
  expect(tallyOf('', 0)).toEqual({ passed: 0, failed: 1 });
});

const suite = (name: string, ...statuses: readonly string[]) => ({
  name: `/repository/test/${name}.e2e.ts`,
  status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
  assertionResults: statuses.map((status, at) => ({ status, fullName: `${name} ${at}` })),
});

function reportOf(...suites: readonly ReturnType<typeof suite>[]): string {
  const count = (status: string) =>
    suites.flatMap((one) => one.assertionResults).filter((one) => one.status === status).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numRuntimeErrorTestSuites: suites.filter((one) => one.assertionResults.length === 0).length,
    testResults: suites,
  });
}

test('the failed suites are named with their failed tests', () => {
  const report = reportOf(suite('sound', 'passed'), suite('slow', 'passed', 'failed'), suite('unloadable'));
  expect([...failedSuites(report, '/repository')]).toEqual([
    ['test/slow.e2e.ts', ['slow 1']],
    ['test/unloadable.e2e.ts', []],
  ]);
  expect(failedSuites('', '/repository').size).toBe(0);
});

const FIRST = reportOf(suite('sound', 'passed', 'passed'), suite('slow', 'passed', 'failed'), suite('unloadable'));

test.each([
  ['passes in the second run', reportOf(suite('slow', 'passed', 'passed'), suite('unloadable', 'passed')), 0, [5, 0]],
  ['fails again', reportOf(suite('slow', 'passed', 'failed'), suite('unloadable', 'passed')), 1, [4, 1]],
  ['does not load again', reportOf(suite('slow', 'passed', 'passed'), suite('unloadable')), 1, [4, 1]],
  ['is missing in the second run', reportOf(suite('slow', 'passed', 'passed')), 0, [3, 2]],
  ['fails without a failed test', reportOf(suite('slow', 'passed'), suite('unloadable', 'passed')), 1, [4, 1]],
  ['has no second report', '', 0, [3, 2]],
] as const)('a suite that %s is counted once', (_, second, code, [passed, failed]) => {
  expect(tallyOfBoth(FIRST, second, code)).toEqual({ passed, failed });
});
