import { expect, test } from '@jest/globals';
import { failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { image: { ports: [['8080/tcp', '53/udp']] } };

test.each([
  [[], true],
  [['8080/tcp'], true],
  [['8080'], true],
  [['8080/TCP'], true],
  [['8080/udp'], false],
  [['53/udp', '8080/tcp'], true],
  [['53'], false],
  [['8080/tcp', '22/tcp'], false],
])('ports %j: %s', (ports, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext({ ports })))).toEqual(
    holds ? [] : ['image-ports'],
  );
});

test('an empty list allows no port', () => {
  expect(failedRules(judge(soundEvidence(), { image: { ports: [[]] } }, IMAGE, gateContext()))).toEqual([
    'image-ports',
  ]);
});

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-ports']);
  expect(resultsOf(judge(soundEvidence()), 'image-ports')[0]?.outcome).toBe('not-applicable');
});
