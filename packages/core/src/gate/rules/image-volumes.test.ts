import { expect, test } from '@jest/globals';
import { failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { image: { volumes: [['/data']] } };

test.each([
  [[], true],
  [['/data'], true],
  [['/data/'], true],
  [['/data/sub'], false],
  [['/'], false],
  [['/data', '/var/lib/mysql'], false],
])('volumes %j: %s', (volumes, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext({ volumes })))).toEqual(
    holds ? [] : ['image-volumes'],
  );
});

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-volumes']);
  expect(resultsOf(judge(soundEvidence()), 'image-volumes')[0]?.outcome).toBe('not-applicable');
});
