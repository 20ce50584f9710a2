import { parseStatement, type StatementBytes, type TestResultOptions, testResultStatement } from '@tidegate/attest';
import { canonicalJson, type Descriptor, type Digest, PredicateType } from '@tidegate/core';
import { attachStatements, readStatements } from '../evidence/store.ts';
import type { Target } from '../target.ts';
import type { PlatformTests } from './test-image.ts';

/**
 * Store the result of each platform as evidence, also of failed tests: the gate decides. A platform on which tests were
 * left out gets none. It replaces an earlier result of the same tests. Those of other tests stay: a step that passes does
 * not outweigh another one that failed.
 * @returns the statements of these tests, by platform
 */
export async function keepTestResults(
  target: Target,
  tested: readonly PlatformTests[],
  options: Pick<TestResultOptions, 'configuration' | 'url'>,
): Promise<ReadonlyMap<Digest, Uint8Array>> {
  const kept = new Map<Digest, Uint8Array>();
  for (const { digest, results, skipped } of tested) {
    const one = target.image.platforms.find(({ descriptor }) => descriptor.digest === digest);
    if (!one || (skipped > 0 && results.every(({ problems }) => problems.length === 0))) continue;
    const named = (isFailed: boolean) =>
      results.filter(({ problems }) => problems.length > 0 === isFailed).map(({ name }) => name);
    const made = testResultStatement(digest, { ...options, passed: named(false), failed: named(true) });
    const others = await earlierOf(target, one.descriptor);
    const different = others.filter((other) => configurationOf(other) !== configurationOf(made));
    await attachStatements(target, one.descriptor, [...different, made]);
    kept.set(digest, made.bytes);
  }
  return kept;
}

async function earlierOf(target: Target, subject: Descriptor): Promise<readonly StatementBytes[]> {
  const held = await readStatements(target, subject);
  return held
    .filter(({ predicateType }) => predicateType === PredicateType.tests)
    .map(({ bytes }) => ({ statement: parseStatement(bytes), bytes }));
}

/** The files of tests, and the command: in any order. */
function configurationOf({ statement: { predicate } }: StatementBytes): string {
  const { configuration } = predicate as { readonly configuration?: unknown };
  return (Array.isArray(configuration) ? configuration : [])
    .map((one: unknown) => Buffer.from(canonicalJson(one)).toString())
    .toSorted()
    .join('\n');
}
