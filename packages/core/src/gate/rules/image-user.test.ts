import { expect, test } from '@jest/globals';
import { failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { image: { nonRoot: true } };

test.each([
  ['', false],
  ['0', false],
  ['00', false],
  ['+0', false],
  ['0:0', false],
  ['root', false],
  ['root:app', false],
  [':1000', false],
  [' 0 ', false],
  ['1000', true],
  ['1000:0', true],
  ['app', true],
  ['rooty', true],
])('user %j is not root: %s', (user, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext({ user })))).toEqual(holds ? [] : ['image-user']);
});

test.each([
  ['app', [['app', '65532']], true],
  ['app:app', [['app', '65532']], false],
  ['root', [['root']], true],
  ['app', [['app'], ['65532']], false],
  ['app', [[]], false],
])('user %j under %j: %s', (user, users, holds) => {
  expect(failedRules(judge(soundEvidence(), { image: { users } }, IMAGE, gateContext({ user })))).toEqual(
    holds ? [] : ['image-user'],
  );
});

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['image-user']);
  expect(resultsOf(judge(soundEvidence()), 'image-user')[0]?.outcome).toBe('not-applicable');
});
