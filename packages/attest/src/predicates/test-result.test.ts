import { describe, expect, test } from '@jest/globals';
import { digestOf, PredicateType } from '@tidegate/core';
import { evidenceOf } from './evidence.ts';
import { readTestResult, testResultStatement } from './test-result.ts';

const subject = digestOf('image');
const options = { configuration: [{ name: 'tests.yaml', digest: digestOf('tests') }], url: 'https://example.org/1' };

describe('a test result', () => {
  test('is the predicate of in-toto, and read back', () => {
    const { statement, bytes } = testResultStatement(subject, { ...options, passed: ['a', 'b'], failed: [] });
    expect(statement).toMatchObject({
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: {
        result: 'PASSED',
        configuration: [{ name: 'tests.yaml', digest: { sha256: digestOf('tests').slice(7) } }],
        url: 'https://example.org/1',
        passedTests: ['a', 'b'],
        failedTests: [],
      },
    });
    expect(evidenceOf(bytes, subject)).toMatchObject({ kind: 'tests', passed: true, count: 2, failed: [] });
  });

  test('with a failed test failed', () => {
    const { bytes } = testResultStatement(subject, { ...options, passed: ['a'], failed: ['b'] });
    expect(evidenceOf(bytes, subject)).toMatchObject({ passed: false, count: 2, failed: ['b'] });
  });

  test('of other programs is read: only result and configuration are required', () => {
    const theirs = { result: 'WARNED', configuration: [], warnedTests: ['slow'], more: 1 };
    expect(readTestResult(theirs, subject)).toMatchObject({ passed: true, count: 1 });
  });

  test.each([
    [{ configuration: [] }],
    [{ result: 'passed', configuration: [] }],
    [{ result: 'PASSED' }],
    [{ result: 'PASSED', configuration: [], failedTests: ['a'] }],
    [{ result: 'PASSED', configuration: [], passedTests: [1] }],
  ])('%j is unreadable, and does not count as absent', (predicate) => {
    expect(() => readTestResult(predicate, subject)).toThrow(/The test result/);
  });

  test('of another image does not count', () => {
    const { bytes } = testResultStatement(digestOf('other'), { ...options, passed: ['a'], failed: [] });
    expect(evidenceOf(bytes, subject)).toMatchObject({ kind: 'unreadable', claimed: PredicateType.tests });
  });
});
