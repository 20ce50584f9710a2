import { describe, expect, test } from '@jest/globals';
import { mapLimited, together } from './together.ts';

describe('together', () => {
  test('gives every result, in order', async () => {
    const results = await together<[number, string]>(new AbortController().signal, () => [
      Promise.resolve(1),
      Promise.resolve('two'),
    ]);
    expect(results).toEqual([1, 'two']);
  });

  test('the first failure stops the others, and is thrown once all have come to rest', async () => {
    let rested = false;
    const outcome = together(new AbortController().signal, (signal) => [
      Promise.reject(new Error('first')),
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          rested = true;
          reject(new Error('second'));
        });
      }),
    ]);
    await expect(outcome).rejects.toThrow('first');
    expect(rested).toBe(true);
  });
});

describe('mapLimited', () => {
  test('keeps order and never runs more than the limit at once', async () => {
    let running = 0;
    let most = 0;
    const doubled = await mapLimited([1, 2, 3, 4, 5], 2, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return n * 2;
    });
    expect(doubled).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
  });

  test('the first failure stops the others, none is begun after it, and it is thrown once all have come to rest', async () => {
    const begun: number[] = [];
    let rested = false;
    const outcome = mapLimited([1, 2, 3], 2, async (n, signal) => {
      begun.push(n);
      if (n === 2) throw new Error('first');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.resolve();
      rested = true;
      throw new Error('second');
    });
    await expect(outcome).rejects.toThrow('first');
    expect({ begun, rested }).toEqual({ begun: [1, 2], rested: true });
  });
});
