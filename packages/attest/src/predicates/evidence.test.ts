import { describe, expect, test } from '@jest/globals';
import { digestOf, type Evidence, isOwnPredicateType, PredicateType } from '@tidegate/core';
import { signatureStatement } from '../bundle/signature.ts';
import { IMAGE, json, OTHER_IMAGE, RUN, recorded, SCANNED } from '../sound.fixture.ts';
import { REFERENCE } from '../statement/reference.ts';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';
import { evidenceOf, syftEvidenceOf } from './evidence.ts';
import { provenanceStatement } from './provenance.ts';
import { cyclonedxStatement, spdxStatement } from './sbom.ts';
import { scanStatement } from './scan.ts';
import { verdictStatement } from './verdict.ts';

const subjects = [{ digest: SCANNED }];
const STATEMENTS: [Evidence['kind'], string, StatementBytes][] = [
  [
    'provenance',
    PredicateType.provenance,
    provenanceStatement(subjects, recorded('buildkit-min'), { builderId: 'https://example.com/builder' }),
  ],
  ['sbom', PredicateType.spdx, spdxStatement(subjects, json(recorded('spdx')))],
  ['sbom', PredicateType.cyclonedx, cyclonedxStatement(subjects, json(recorded('cyclonedx')))],
  ['scan', PredicateType.scan, scanStatement(subjects, json(recorded('grype')), RUN)],
  [
    'verdict',
    PredicateType.verdict,
    verdictStatement(
      subjects,
      { passed: true, rules: [], decidedOn: RUN.finishedOn },
      {
        verifier: { id: 'https://example.com/gate' },
        destination: 'registry.example/app',
        policy: { digest: digestOf('a policy') },
        inputs: [],
      },
    ),
  ],
];

describe.each(STATEMENTS)('%s evidence (%s)', (kind, predicateType, { bytes, statement }) => {
  test('is read from its statement, and names it by digest', () => {
    expect(statement.predicateType).toBe(predicateType);
    expect(evidenceOf(bytes, SCANNED)).toMatchObject({ kind, subject: SCANNED, statement: digestOf(bytes) });
  });

  test('of another image is unreadable', () => {
    expect(evidenceOf(bytes, OTHER_IMAGE)).toMatchObject({
      kind: 'unreadable',
      subject: OTHER_IMAGE,
      claimed: predicateType,
      why: expect.stringContaining('another image'),
    });
  });

  test('with an empty predicate is unreadable, and not absent', () => {
    expect(evidenceOf(makeStatement(predicateType, subjects, {}).bytes, SCANNED)).toMatchObject({
      kind: 'unreadable',
      claimed: predicateType,
      why: expect.stringContaining('missing'),
    });
  });
});

describe('evidenceOf', () => {
  test.each(['constructor', '__proto__', 'toString', 'https://slsa.dev/provenance/v0.2'])(
    "another tool's attestation of type %s is not evidence",
    (predicateType) => {
      expect(evidenceOf(makeStatement(predicateType, [{ digest: IMAGE }], {}).bytes, IMAGE)).toBeUndefined();
    },
  );

  test("a user's own attestation is evidence of its type, and of its own image only", () => {
    const predicateType = 'https://example.com/review/v1';
    const { bytes } = makeStatement(predicateType, [{ digest: IMAGE }], {});
    const found = { kind: 'predicate', subject: IMAGE, predicateType, statement: digestOf(bytes) };
    expect(evidenceOf(bytes, IMAGE)).toEqual(found);
    expect(evidenceOf(bytes, OTHER_IMAGE)).toBeUndefined();
  });

  test('a type that Tidegate reads is never one of a user', () => {
    for (const type of [...Object.values(PredicateType), REFERENCE, 'https://spdx.dev/Document/v2.3']) {
      expect({ type, own: isOwnPredicateType(type) }).toEqual({ type, own: false });
    }
  });

  test('an unsigned signature statement is not a signature', () => {
    expect(evidenceOf(signatureStatement(IMAGE).bytes, IMAGE)).toMatchObject({
      kind: 'unreadable',
      claimed: PredicateType.signature,
    });
  });

  test.each([
    ['nothing', ''],
    ['rubbish', 'x'],
    ['an empty object', '{}'],
    ['null', 'null'],
  ])('%s is unreadable', (_, text) => {
    expect(evidenceOf(Buffer.from(text), IMAGE)).toMatchObject({
      kind: 'unreadable',
      subject: IMAGE,
      claimed: 'statement',
    });
  });

  test('reads SPDX under the name that GitHub gives it', () => {
    const { bytes } = makeStatement('https://spdx.dev/Document/v2.3', [{ digest: IMAGE }], recorded('spdx'));
    expect(evidenceOf(bytes, IMAGE)).toMatchObject({ kind: 'sbom', format: 'spdx' });
  });
});

test('a syft-json document of another image is unreadable', () => {
  expect(syftEvidenceOf(json(recorded('syft')), IMAGE)).toMatchObject({ kind: 'unreadable', claimed: 'syft' });
});
