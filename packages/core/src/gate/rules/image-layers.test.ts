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

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-layers']);
  expect(resultsOf(judge(soundEvidence()), 'image-layers')[0]?.outcome).toBe('not-applicable');
});
