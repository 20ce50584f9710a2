import { expect, test } from '@jest/globals';
import { failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { image: { maxLayers: 5 } };

test.each([
  [0, true],
  [5, true],
  [6, false],
])('%d layers of 5: %s', (layers, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext({ layers })))).toEqual(
    holds ? [] : ['image-layers'],
  );
});

test('what was not read does not hold, and where the policy does not ask it does not apply', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-layers']);
  expect(resultsOf(judge(soundEvidence()), 'image-layers')[0]?.outcome).toBe('not-applicable');
});
