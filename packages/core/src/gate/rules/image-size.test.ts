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

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-size']);
  expect(resultsOf(judge(soundEvidence()), 'image-size')[0]?.outcome).toBe('not-applicable');
});
