import { expect, test } from '@jest/globals';
import { digestOf } from '../../image/digest.ts';
import { AMD64, failedRules, IMAGE, judge, resultsOf, STRICT, soundEvidence } from '../sound.fixture.ts';

const REVIEW = 'https://example.com/review/v1';
const POLICY = { ...STRICT, predicates: [REVIEW] };
const evidence = soundEvidence(IMAGE, POLICY);
const why = (found: typeof evidence, rule: 'predicates-present' | 'signature-present' = 'predicates-present') =>
  resultsOf(judge(found, POLICY), rule).map((result) => `${result.outcome} ${result.why}`);

test('evidence of your own is required on the index and on every platform', () => {
  expect(why(evidence)).toEqual([`pass index, linux/amd64, linux/arm64: ${REVIEW}.`]);
  const without = evidence.filter(({ kind, subject }) => kind !== 'predicate' || subject === AMD64.descriptor.digest);
  expect(failedRules(judge(without, POLICY))).toEqual(['predicates-present']);
  expect(why(without)).toEqual([`fail index, linux/arm64: there is no evidence of type ${REVIEW}.`]);
});

test('another type does not count', () => {
  const other = evidence.map((one) => (one.kind === 'predicate' ? { ...one, predicateType: `${REVIEW}.1` } : one));
  expect(why(other)).toEqual([`fail index, linux/amd64, linux/arm64: there is no evidence of type ${REVIEW}.`]);
});

test('it must be signed, in exactly the bytes that are there', () => {
  const unsigned = evidence.filter((one) => one.kind !== 'signature' || one.predicateType !== REVIEW);
  expect(failedRules(judge(unsigned, POLICY))).toEqual(['signature-present']);
  expect(why(unsigned, 'signature-present')).toContain(
    `fail index: no signature covers its evidence of type ${REVIEW}.`,
  );
  const exchanged = evidence.map((one) => (one.kind === 'predicate' ? { ...one, statement: digestOf('other') } : one));
  expect(why(exchanged, 'signature-present')).toContain(
    `fail index: the signature covers a different evidence of type ${REVIEW} than the one checked here.`,
  );
});

test('without a requirement the rule does not apply', () => {
  expect(resultsOf(judge(evidence), 'predicates-present')).toEqual([
    expect.objectContaining({ outcome: 'not-applicable' }),
  ]);
});
