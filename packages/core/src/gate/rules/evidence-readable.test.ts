import { expect, test } from '@jest/globals';
import type { Evidence } from '../../evidence.ts';
import { AMD64, failedRules, IMAGE, judge, NOTHING, resultsOf, STRANGER, soundEvidence } from '../sound.fixture.ts';

const unreadable = (over: Partial<Extract<Evidence, { kind: 'unreadable' }>> = {}): Evidence => ({
  ...{ kind: 'unreadable', subject: AMD64.descriptor.digest, claimed: 'scan', why: 'It was cut short.' },
  ...over,
});

test('sound evidence can be read, and the rule says how much there is', () => {
  const [result] = resultsOf(judge(soundEvidence()), 'evidence-readable');
  expect(result).toEqual({
    ...{ rule: 'evidence-readable', outcome: 'pass' },
    why: `${soundEvidence().length} pieces of evidence, all about this image.`,
  });
});

test.each<[string, readonly Evidence[], RegExp]>([
  ['cannot be read', [...soundEvidence(), unreadable()], /^The scan of sha256:.* cannot be read: It was cut short\.$/],
  [
    'is of an image that is not this one',
    [...soundEvidence(), unreadable({ subject: STRANGER })],
    /not about this image/,
  ],
  ['is not there at all', [], /^No evidence exists for/],
])('evidence that %s fails, whatever the policy requires', (_, evidence, why) => {
  const verdict = judge(evidence, NOTHING);
  expect(failedRules(verdict)).toEqual(['evidence-readable']);
  expect(resultsOf(verdict, 'evidence-readable')[0]?.why).toMatch(why);
});

test('an image without platforms fails: no other rule would have a word to say', () => {
  expect(failedRules(judge(soundEvidence(), { require: [] }, { ...IMAGE, platforms: [] }))).toContain(
    'evidence-readable',
  );
});

test('a long reason is cut', () => {
  const verdict = judge([unreadable({ why: 'x'.repeat(10_000), claimed: 'y'.repeat(10_000) })], { require: [] });
  expect(resultsOf(verdict, 'evidence-readable')[0]?.why.length).toBeLessThan(1000);
});
