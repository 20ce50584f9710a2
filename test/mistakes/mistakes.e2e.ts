/**
 * Mistakes of a new user, from the workflow file to the registry, and their message: one sentence that says
 * what failed, why, and what to do; the same in the annotation, the log and the summary.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorEntry } from '@tidegate/core';
import type { BundleResult } from '@tidegate/testkit';
import { expectOneClearError, ownErrors } from '../support/clear-error.ts';
import { stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';
import type { Mistake, Seen } from './mistake.ts';
import { startPlaces } from './places.ts';
import { make } from './run.ts';
import { MISTAKES } from './table/index.ts';

const suite = await theSuite();
const stages = stagesOf(suite);
const rows = Object.values(MISTAKES).flat();
/** A step waits for its tools and servers about half of its time. */
const AT_ONCE = 3;

const opened = new AsyncDisposableStack();
const results = new Map<Mistake, Promise<BundleResult>>();

beforeAll(async () => {
  const places = await startPlaces(suite, opened);
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, async () => {});
  for (const [at, row] of rows.entries()) {
    const result = (lanes[at % AT_ONCE] ?? Promise.resolve()).then(() => make(row, suite, stages, places));
    results.set(row, result);
    // Each test waits for its own.
    lanes[at % AT_ONCE] = result.catch(() => {});
  }
  opened.defer(async () => void (await Promise.all(lanes)));
});
afterAll(() => opened.disposeAsync());

test('there are a hundred of them or more, each with its own name', () => {
  expect(rows.length).toBeGreaterThanOrEqual(100);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

describe.each(Object.entries(MISTAKES))('a user who gets %s wrong', (_subject, mistakes) => {
  test.each(mistakes.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    const result = await results.get(row);
    if (!result) throw new Error('The row was not run.');
    expectSeen(result, row.sees);
  });
});

function expectSeen(result: BundleResult, { says, level, error, at }: Seen): void {
  if (level !== undefined) {
    expect(result.exitCode).toBe(0);
    expect(result.annotations).toContainEqual(expect.objectContaining({ level, message: expect.stringMatching(says) }));
    return;
  }
  expect(expectOneClearError(result)).toMatch(says);
  const [annotation] = ownErrors(result);
  // A warning on the line is about something else.
  const errors = result.annotations.filter((one) => one.level === 'error');
  if (at !== undefined) expect(errors.filter(({ file, line }) => `${file}:${line}` === at)).toHaveLength(1);
  // Besides the error of the step: one for each fault that fails the gate, on the line that has to change.
  const faults = errors.filter((one) => one !== annotation).map(({ file, line, title }) => `${title} ${file}:${line}`);
  expect(new Set(faults).size).toBe(faults.length);
  if (error !== 'gate-failed') expect(faults).toHaveLength(error === 'source-rule-failed' ? 1 : 0);
  if (error === undefined) throw new Error('The row names no entry of the catalog.');
  const { code, title } = errorEntry(error);
  expect(annotation?.message.endsWith(`[${code}]`)).toBe(true);
  // A failed verdict has the image as its headline.
  if (errorEntry(error).kind !== 'gate') expect(result.summary.replaceAll('\\', '')).toContain(title);
}
