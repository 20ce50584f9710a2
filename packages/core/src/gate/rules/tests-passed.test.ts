import { expect, test } from '@jest/globals';
import { failedRules, judge, spoiltOnAmd64 } from '../sound.fixture.ts';

const why = (evidence: Parameters<typeof judge>[0]) =>
  judge(evidence)
    .rules.filter(({ rule, outcome }) => rule === 'tests-passed' && outcome === 'fail')
    .map((result) => result.why);

test('a platform without a test result fails', () => {
  expect(why(spoiltOnAmd64('tests', () => []))).toEqual(['linux/amd64: there is no test result.']);
});

test('a failed result fails, also beside one that passed, and names the tests', () => {
  const failed = Array.from({ length: 7 }, (_, at) => `test ${at}`);
  const both = spoiltOnAmd64('tests', (result) => [result, { ...result, passed: false, failed }]);
  expect(failedRules(judge(both))).toContain('tests-passed');
  expect(why(both)).toEqual(['linux/amd64: failed tests: test 0, test 1, test 2, test 3, test 4 and 2 more.']);
});

test('a result of no test fails: a run that tested nothing looks the same', () => {
  expect(why(spoiltOnAmd64('tests', (result) => [{ ...result, count: 0 }]))).toEqual([
    'linux/amd64: the test result names no test.',
  ]);
});
