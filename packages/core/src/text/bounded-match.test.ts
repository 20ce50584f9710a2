import { describe, expect, test } from '@jest/globals';
import { boundedMatches, SlowExpression } from './bounded-match.ts';

test('each text has its match, in order', () => {
  const found = boundedMatches(/^v(.*)$/d, ['v1', 'x', 'v2']);
  expect(found.map((match) => match?.[1])).toEqual(['1', undefined, '2']);
  expect(found[2]?.indices?.[1]).toEqual([1, 2]);
  expect(boundedMatches(/a/, [])).toEqual([]);
});

describe('an expression that backtracks without end', () => {
  test('is stopped, and the error has the text', () => {
    const slow = `${'1'.repeat(60)}!`;
    const began = performance.now();
    let thrown: unknown;
    try {
      boundedMatches(/^(1+)+$/, ['1', slow, '2']);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SlowExpression);
    expect((thrown as SlowExpression).text).toBe(slow);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
