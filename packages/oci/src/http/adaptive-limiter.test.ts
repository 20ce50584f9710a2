import { expect, test } from '@jest/globals';
import { virtualTiming } from '../fixture.ts';
import { AdaptiveLimiter } from './adaptive-limiter.ts';
import { DEFAULT_RETRY } from './retry.ts';

function start() {
  const timing = virtualTiming();
  return { timing, pace: new AdaptiveLimiter({ timing, policy: DEFAULT_RETRY }) };
}
const answer = (pace: AdaptiveLimiter, times: number, milliseconds: number): void => {
  for (let at = 0; at < times; at += 1) pace.observe(milliseconds);
};

test('more goes at once while answers take no longer than the distance, up to 64', () => {
  const { pace } = start();
  answer(pace, 30, 50);
  expect(pace.limit).toBeGreaterThan(16);
  answer(pace, 100, 50);
  expect(pace.limit).toBe(64);
});

test('less goes at once when answers queue, down to 4', () => {
  const { pace } = start();
  answer(pace, 100, 50);
  answer(pace, 100, 1000);
  expect(pace.limit).toBe(4);
});

test('one slow answer changes little, and on loopback a few milliseconds mean nothing', () => {
  const { pace } = start();
  answer(pace, 100, 0.3);
  expect(pace.limit).toBe(64);
  answer(pace, 10, 3);
  expect(pace.limit).toBe(64);
  answer(pace, 1, 3000);
  expect(pace.limit).toBeGreaterThan(55);
});

test('a route that became longer is believed after a while', () => {
  const { pace } = start();
  answer(pace, 20, 10);
  answer(pace, 50, 200);
  expect(pace.limit).toBeLessThan(10);
  answer(pace, 2000, 200);
  expect(pace.limit).toBe(64);
});

test('a wave of refusals halves it once, and may leave one at a time', () => {
  const { pace, timing } = start();
  for (let at = 0; at < 8; at += 1) pace.throttled(undefined);
  expect(pace.limit).toBe(4);
  for (let at = 0; at < 5; at += 1) {
    timing.sleep(2000);
    pace.throttled(undefined);
  }
  expect(pace.limit).toBe(1);
});

test('all requests wait as long as the registry requests, each with a different additional delay', async () => {
  const { pace, timing } = start();
  await pace.waitUntilAllowed(undefined);
  expect(timing.sleeps).toEqual([]);
  pace.throttled(7000);
  await pace.waitUntilAllowed(undefined);
  expect(timing.sleeps).toEqual([7200]);
});

test('of bodies sixteen may be on their way however long their answers wait in the line, until a registry refuses', () => {
  const { pace } = start();
  answer(pace, 10, 1);
  answer(pace, 1000, 100);
  expect([pace.limit, pace.bodies]).toEqual([4, 16]);
  pace.throttled(undefined);
  expect([pace.limit, pace.bodies]).toEqual([2, 2]);
});

test('bodies are sent so many at a time, each in its turn, and more when the limit grows', async () => {
  const { pace } = start();
  const held: (() => void)[] = [];
  let begun = 0;
  const all = Array.from({ length: 30 }, () =>
    pace.withSlot(undefined, async () => {
      begun += 1;
      await new Promise<void>((resolve) => held.push(resolve));
    }),
  );
  await new Promise(setImmediate);
  expect(begun).toBe(pace.bodies);
  held.shift()?.();
  await new Promise(setImmediate);
  expect(begun).toBe(pace.bodies + 1);
  answer(pace, 10, 50);
  await new Promise(setImmediate);
  expect(begun).toBe(pace.bodies + 1);
  while (begun < 30) {
    held.shift()?.();
    await new Promise(setImmediate);
  }
  for (const end of held) end();
  await Promise.all(all);
});

test('a cancelled request that waits to send fails at once, and does not use a slot', async () => {
  const { pace } = start();
  const held: (() => void)[] = [];
  const hold = () => pace.withSlot(undefined, () => new Promise<void>((resolve) => held.push(resolve)));
  const running = Array.from({ length: pace.bodies }, hold);
  const stop = new AbortController();
  const waiting = pace.withSlot(stop.signal, async () => 'sent');
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  await expect(pace.withSlot(stop.signal, async () => 'sent')).rejects.toMatchObject({ kind: 'cancelled' });
  const next = pace.withSlot(undefined, async () => 'sent');
  for (const end of held) end();
  await Promise.all(running);
  expect(await next).toBe('sent');
});
