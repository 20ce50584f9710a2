import { expect, test } from '@jest/globals';
import { ago, DAY, failedRules, gateContext, IMAGE, judge, resultsOf, soundEvidence } from '../sound.fixture.ts';

const ASKED = { baseImages: { allow: [], maxAge: 30 * DAY, undated: 'fail' } } as const;

test.each([
  ['made today', { oldestLayer: ago(0) }, true],
  ['exactly as old as may be', { oldestLayer: ago(30 * DAY) }, true],
  ['a millisecond older', { oldestLayer: ago(30 * DAY + 1) }, false],
  ['half an hour ahead', { oldestLayer: ago(-DAY / 48) }, true],
  ['made tomorrow', { oldestLayer: ago(-DAY) }, false],
  ['of the year 9999', { oldestLayer: new Date('9999-12-31T00:00:00Z') }, false],
  ['with a date that is none', { oldestLayer: new Date(Number.NaN) }, false],
])('a base %s', (_, facts, holds) => {
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, gateContext(facts)))).toEqual(
    holds ? [] : ['base-image-age'],
  );
});

test('a base without a date fails, unless the policy lets it pass', () => {
  const { oldestLayer: _, ...undated } = gateContext().facts?.values().next().value ?? {};
  const around = { facts: new Map(IMAGE.platforms.map(({ descriptor }) => [descriptor.digest, undated as never])) };
  expect(failedRules(judge(soundEvidence(), ASKED, IMAGE, around))).toEqual(['base-image-age']);
  const lenient = { baseImages: { ...ASKED.baseImages, undated: 'report' } } as const;
  expect(judge(soundEvidence(), lenient, IMAGE, around).passed).toBe(true);
});

test('missing facts fail the rule, and it does not apply if the policy does not require it', () => {
  expect(failedRules(judge(soundEvidence(), ASKED))).toEqual(['base-image-age']);
  expect(resultsOf(judge(soundEvidence()), 'base-image-age')[0]?.outcome).toBe('not-applicable');
});
