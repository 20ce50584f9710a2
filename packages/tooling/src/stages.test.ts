import { expect, test } from '@jest/globals';
import { tallyOf } from './stages.ts';

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
