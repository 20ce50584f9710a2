/** The JSON report of jest: how many tests passed and failed, and which. */
import { relative } from 'node:path';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

interface Suite {
  /** Absolute path of the file. */
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

interface Report {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numRuntimeErrorTestSuites?: number;
  readonly testResults?: readonly Suite[];
}

/** The counts of a report. Anything that is not a clear success counts as at least one failure. */
export function tallyOf(report: string, code: number): Tally {
  if (report === '') return { passed: 0, failed: 1 };
  const counts = JSON.parse(report) as Report;
  const passed = counts.numPassedTests ?? 0;
  const failed = (counts.numFailedTests ?? 0) + (counts.numRuntimeErrorTestSuites ?? 0);
  const silent = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}

/** Paths of the suites that failed, from `root`, each with its failed tests. A suite that did not load has none. */
export function failedSuites(report: string, root: string): ReadonlyMap<string, readonly string[]> {
  if (report === '') return new Map();
  const { testResults = [] } = JSON.parse(report) as Report;
  const failed = testResults.filter(({ status }) => status === 'failed');
  return new Map(
    failed.map(({ name, assertionResults }) => [
      relative(root, name),
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ]),
  );
}

/**
 * The counts of two runs, the second one of the suites that failed in the first one: their tests count once, as in the
 * second run. If a suite of them is missing there, the first run counts.
 */
export function tallyOfBoth(first: string, second: string, code: number): Tally {
  const again = JSON.parse(second === '' ? '{}' : second) as Report;
  const { numPassedTests = 0, testResults = [] } = JSON.parse(first) as Report;
  const suites = testResults.filter(({ status }) => status === 'failed');
  const isWhole = suites.every(({ name }) => again.testResults?.some((suite) => suite.name === name));
  if (!isWhole) return tallyOf(first, 1);
  const counted = suites.flatMap((suite) => suite.assertionResults).filter(({ status }) => status === 'passed').length;
  const { passed, failed } = tallyOf(second, code);
  return { passed: numPassedTests - counted + passed, failed };
}
