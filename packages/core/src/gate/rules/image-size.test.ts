import { expect, test } from '@jest/globals';
import { failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { image: { maxSize: 10_000_000 } };

test.each([
  [9_999_999, true],
  [10_000_000, true],
  [10_000_001, false],
  [Number.NaN, false],
])('%d bytes of 10,000,000: %s', (size, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext({ size })))).toEqual(holds ? [] : ['image-size']);
});

test('what was not read does not hold, and where the policy does not ask it does not apply', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-size']);
  expect(resultsOf(judge(soundEvidence()), 'image-size')[0]?.outcome).toBe('not-applicable');
});
