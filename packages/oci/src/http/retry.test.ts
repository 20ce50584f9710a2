import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { virtualTiming } from '../fixture.ts';
import { DEFAULT_RETRY, parseRetryAfter, RetryableError, systemTiming, withRetry } from './retry.ts';

const failure = new TidegateError('registry-failed', 'it answered 503.');

async function attempts(
  failures: readonly (Error | 'progress')[],
  policy: Partial<typeof DEFAULT_RETRY> = {},
  random = 1,
): Promise<{ tries: number; sleeps: number[]; error: unknown }> {
  const timing = virtualTiming(random);
  const left = [...failures];
  let tries = 0;
  const work = withRetry({ timing, policy: { ...DEFAULT_RETRY, ...policy } }, undefined, async (budget) => {
    tries += 1;
    let next = left.shift();
    if (next === 'progress') {
      budget.progress();
      next = left.shift();
    }
    if (next instanceof Error) throw next;
  });
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { tries, sleeps: timing.sleeps, error };
}

describe('a failure that may pass', () => {
  test('is tried again after pauses that at most double, up to the longest', async () => {
    const flaky = Array.from({ length: 5 }, () => new RetryableError(failure));
    const { tries, sleeps, error } = await attempts(flaky, { base: 100, maxDelay: 500 });
    expect(error).toBeUndefined();
    expect(tries).toBe(6);
    expect(sleeps).toEqual([100, 200, 400, 500, 500]);
  });

  test('waits anywhere between nothing and that (full jitter)', async () => {
    expect((await attempts([new RetryableError(failure)], { base: 100 }, 0)).sleeps).toEqual([0]);
    expect((await attempts([new RetryableError(failure)], { base: 100 }, 0.3)).sleeps).toEqual([30]);
  });

  test('is thrown as it was when the retry budget ends', async () => {
    const { tries, error } = await attempts(Array.from({ length: 9 }, () => new RetryableError(failure)));
    expect(tries).toBe(DEFAULT_RETRY.attempts);
    expect(error).toBe(failure);
  });

  test('gets its tries anew when the work got further', async () => {
    const steps = Array.from({ length: 20 }, () => ['progress' as const, new RetryableError(failure)]).flat();
    expect((await attempts(steps)).error).toBeUndefined();
  });

  test('waits for the given time, plus a small delay', async () => {
    const { sleeps } = await attempts([new RetryableError(failure, 30_000)], { base: 100 });
    expect(sleeps).toEqual([30_100]);
  });

  test('is given up when the registry wants more time than we have', async () => {
    expect(await attempts([new RetryableError(failure, 121_000)])).toMatchObject({ tries: 1, error: failure });
    expect(await attempts([new RetryableError(failure, 90_000)], { deadline: 60_000 })).toMatchObject({ tries: 1 });
  });
});

test('a final failure is not tried again', async () => {
  const final = new TidegateError('registry-denied', 'no');
  expect(await attempts([final])).toEqual({ tries: 1, sleeps: [], error: final });
});

test('a pause ends when the work is cancelled', async () => {
  const stop = new AbortController();
  const context = { timing: systemTiming, policy: { ...DEFAULT_RETRY, base: 60_000 }, onRetry: () => stop.abort() };
  const work = withRetry(context, stop.signal, async () => {
    throw new RetryableError(failure, 30_000);
  });
  await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['5', 5_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['1.5', undefined],
    ['99999999999', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (text, milliseconds) => {
    expect(parseRetryAfter(text, now)).toBe(milliseconds);
  });
});
