import { describe, expect, test } from '@jest/globals';
import { PredicateType } from '../../evidence.ts';
import { digestOf } from '../../image/digest.ts';
import { REQUIRABLE } from '../../policy.ts';
import {
  failedRules,
  IMAGE,
  judge,
  resultsOf,
  SINGLE,
  STRICT,
  soundEvidence,
  spoilt,
  spoiltOnAmd64,
} from '../sound.fixture.ts';
import { statementsToSign } from './signature-present.ts';

describe('signature-present', () => {
  test.each(
    statementsToSign(STRICT, IMAGE).map(({ name, predicateType, subject }) => ({ name, predicateType, subject })),
  )('wants a signature over $predicateType of $name', ({ name, predicateType, subject }) => {
    const unsigned = spoilt('signature', (each) =>
      each.subject === subject && each.predicateType === predicateType ? undefined : each,
    );
    const verdict = judge(unsigned);
    expect(failedRules(verdict)).toEqual(['signature-present']);
    expect(resultsOf(verdict, 'signature-present')[0]?.why).toMatch(new RegExp(`^${name}:`));
  });

  test('evidence exchanged after it was signed is not covered, though a signature of its type is there', () => {
    const exchanged = spoiltOnAmd64('scan', (scan) => ({ ...scan, statement: digestOf('a kinder scan') }));
    const verdict = judge(exchanged);
    expect(failedRules(verdict)).toEqual(['signature-present']);
    expect(resultsOf(verdict, 'signature-present')[0]?.why).toContain('covers a different scan');
  });

  test('a second signature, over an older statement, does no harm', () => {
    const older = spoiltOnAmd64('signature', (each) => [{ ...each, payload: digestOf('older') }, each]);
    expect(judge(older).passed).toBe(true);
  });

  test('evidence that does not say which statement it is of is held to its type alone', () => {
    const unnamed = spoiltOnAmd64('scan', ({ statement: _, ...scan }) => scan);
    expect(judge(unnamed).passed).toBe(true);
  });

  test('names who signed', () => {
    expect(resultsOf(judge(soundEvidence()), 'signature-present')[0]?.why).toContain('key sha256:abc');
  });
});

describe('required signatures', () => {
  test('the image alone, where the policy requires no evidence', () => {
    expect(statementsToSign({ ...STRICT, require: ['signature'] }, IMAGE).map(({ name }) => name)).toEqual([
      'index',
      'linux/amd64',
      'linux/arm64',
    ]);
  });

  test('each statement once on a manifest that is its own root', () => {
    const types = statementsToSign({ ...STRICT, require: REQUIRABLE, alreadyLive: 'report' }, SINGLE).map(
      ({ predicateType }) => predicateType,
    );
    expect(types.toSorted()).toEqual(Object.values(PredicateType).toSorted());
  });

  test('SBOMs and scans on platforms only, never on the index', () => {
    const onIndex = statementsToSign(STRICT, IMAGE).filter(({ subject }) => subject === IMAGE.root.digest);
    expect(onIndex.map(({ predicateType }) => predicateType)).toEqual([
      PredicateType.signature,
      PredicateType.provenance,
      PredicateType.verdict,
    ]);
  });
});
