import { type Digest, hexOf, PredicateType, type TestsEvidence } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';
import { unreadable } from '../statement/strict-json.ts';

export interface TestResultOptions {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** The files of tests, and the command if there is one. */
  readonly configuration: readonly { readonly name: string; readonly digest: Digest }[];
  /** The run that tested. */
  readonly url?: string | undefined;
}

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
export function testResultStatement(subject: Digest, options: TestResultOptions): StatementBytes {
  const { passed, failed, configuration, url } = options;
  return makeStatement(PredicateType.tests, [{ digest: subject }], {
    result: failed.length === 0 ? 'PASSED' : 'FAILED',
    configuration: configuration.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } })),
    url,
    passedTests: passed,
    warnedTests: [],
    failedTests: failed,
  });
}

const names = v.nullish(v.array(v.string()), []);

// Loose: other test harnesses add fields of their own.
const Predicate = v.looseObject({
  result: v.picklist(['PASSED', 'WARNED', 'FAILED'], 'expected PASSED, WARNED or FAILED'),
  configuration: v.array(v.unknown()),
  passedTests: names,
  warnedTests: names,
  failedTests: names,
});

/** @throws TidegateError `evidence` when it is not a test result, or contradicts itself */
export function readTestResult(predicate: unknown, subject: Digest): TestsEvidence {
  const { result, passedTests, warnedTests, failedTests } = shaped(Predicate, predicate, 'The test result');
  const failed = failedTests ?? [];
  if (result !== 'FAILED' && failed.length > 0) {
    throw unreadable(`The test result is ${result} but lists ${failed.length} failed tests.`);
  }
  const passed = (passedTests ?? []).length + (warnedTests ?? []).length;
  return { kind: 'tests', subject, passed: result !== 'FAILED', count: passed + failed.length, failed };
}
