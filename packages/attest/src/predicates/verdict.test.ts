import { describe, expect, test } from '@jest/globals';
import { digestOf, hexOf, type Verdict } from '@tidegate/core';
import { IMAGE } from '../sound.fixture.ts';
import { coversVerdict, readVerdict, type VerdictOptions, verdictStatement } from './verdict.ts';

const POLICY = digestOf('a policy');
const OPEN: Verdict = {
  passed: true,
  rules: [{ rule: 'scan-present', outcome: 'pass', why: 'There is one.' }],
  decidedOn: new Date('2026-11-24T21:00:00Z'),
};
const SHUT: Verdict = {
  ...OPEN,
  passed: false,
  rules: [{ rule: 'scan-present', outcome: 'fail', why: 'There is none.' }],
};

// biome-ignore lint/suspicious/noExplicitAny: predicates are spoilt in ways their type does not allow
function predicateOf(verdict: Verdict, levels?: readonly string[]): any {
  const { statement } = verdictStatement([{ digest: IMAGE }], verdict, {
    verifier: { id: 'https://example.com/gate', version: { tidegate: '0.1.0' } },
    destination: 'registry.example/acme/app',
    policy: { digest: POLICY },
    inputs: [digestOf('a scan')],
    ...(levels ? { levels } : {}),
  });
  return statement.predicate;
}

describe('verdictStatement', () => {
  test('is a SLSA Verification Summary, with each rule under a key of ours', () => {
    expect(predicateOf(OPEN, ['SLSA_BUILD_LEVEL_2'])).toEqual({
      verifier: { id: 'https://example.com/gate', version: { tidegate: '0.1.0' } },
      timeVerified: '2026-11-24T21:00:00.000Z',
      resourceUri: 'registry.example/acme/app',
      policy: { digest: { sha256: hexOf(POLICY) } },
      inputAttestations: [{ digest: { sha256: hexOf(digestOf('a scan')) } }],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
      slsaVersion: '1.1',
      tidegate_rules: OPEN.rules,
    });
  });

  test('names the tools and databases that it rests on, with their hashes where they are known', () => {
    const { statement } = verdictStatement([{ digest: IMAGE }], OPEN, {
      verifier: { id: 'https://example.com/gate' },
      destination: 'registry.example/acme/app',
      policy: { digest: POLICY },
      inputs: [],
      tools: [
        { name: 'grype', version: '0.116.1', sha256: 'a'.repeat(64) },
        { name: 'syft', version: '1.50.0' },
      ],
      databases: [{ source: 'https://db.example/v6', built: OPEN.decidedOn, schema: 'v6.1.9', sha256: 'b'.repeat(64) }],
    });
    expect(statement.predicate).toMatchObject({
      tidegate_tools: [
        { name: 'grype', version: '0.116.1', digest: { sha256: 'a'.repeat(64) } },
        { name: 'syft', version: '1.50.0' },
      ],
      tidegate_databases: [
        {
          source: 'https://db.example/v6',
          built: '2026-11-24T21:00:00.000Z',
          schema: 'v6.1.9',
          digest: { sha256: 'b'.repeat(64) },
        },
      ],
    });
    expect(readVerdict(statement.predicate, IMAGE)).toMatchObject({ passed: true });
  });

  test('that names no destination is for no repository', () => {
    const { statement } = verdictStatement([{ digest: IMAGE }], OPEN, {
      ...{
        verifier: { id: 'https://example.com/gate' },
        destination: undefined,
        policy: { digest: POLICY },
        inputs: [],
      },
    });
    expect(statement.predicate).toMatchObject({ resourceUri: `pkg:oci/image@${encodeURIComponent(IMAGE)}` });
    expect(readVerdict(statement.predicate, IMAGE).destination).toBeUndefined();
  });

  test('lists what it did not judge, and is then partial', () => {
    const { statement } = verdictStatement([{ digest: IMAGE }], OPEN, {
      verifier: { id: 'https://example.com/gate' },
      destination: 'registry.example/acme/app',
      policy: { digest: POLICY },
      inputs: [],
      notJudged: ['contents'],
    });
    expect(statement.predicate).toMatchObject({ tidegate_not_judged: ['contents'] });
    expect(readVerdict(statement.predicate, IMAGE)).toMatchObject({ isPartial: true });
  });

  test('a failed gate claims no level', () => {
    expect(predicateOf(SHUT, ['SLSA_BUILD_LEVEL_2'])).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
    });
  });
});

describe('readVerdict', () => {
  test.each([
    ['open', OPEN, true],
    ['shut', SHUT, false],
  ])('reads back that the gate was %s', (_, verdict, passed) => {
    expect(readVerdict(predicateOf(verdict), IMAGE)).toEqual({
      kind: 'verdict',
      subject: IMAGE,
      passed,
      policy: POLICY,
      destination: 'registry.example/acme/app',
      decidedOn: OPEN.decidedOn,
      inputs: [digestOf('a scan')],
      tools: [],
    });
  });

  test('reads back the tools that it names', () => {
    const [tool] = [{ name: 'syft', version: '1.50.0', digest: digestOf('syft') }];
    const predicate = {
      ...predicateOf(OPEN),
      tidegate_tools: [{ ...tool, digest: { sha256: hexOf(digestOf('syft')) } }],
    };
    expect(readVerdict(predicate, IMAGE).tools).toEqual([tool]);
  });

  test.each([
    [
      'PASSED over a rule that failed',
      { ...predicateOf(SHUT), verificationResult: 'PASSED', verifiedLevels: [] },
      'PASSED and that',
    ],
    ['PASSED over the level FAILED', { ...predicateOf(OPEN), verifiedLevels: ['FAILED'] }, 'PASSED and that'],
    ['passed in lower case', { ...predicateOf(OPEN), verificationResult: 'passed' }, 'verificationResult'],
    ['no result', { ...predicateOf(OPEN), verificationResult: undefined }, 'verificationResult is missing'],
    ['no verifier', { ...predicateOf(OPEN), verifier: undefined }, 'verifier is missing'],
    ['no policy digest', { ...predicateOf(OPEN), policy: { uri: 'x' } }, 'policy.digest is missing'],
    [
      'a policy digest of another kind',
      { ...predicateOf(OPEN), policy: { digest: { sha256: POLICY } } },
      '64 lower-case',
    ],
    ['a time that is none', { ...predicateOf(OPEN), timeVerified: 'yesterday' }, 'RFC 3339'],
    ['no levels', { ...predicateOf(OPEN), verifiedLevels: undefined }, 'verifiedLevels is missing'],
    [
      'a rule with an outcome of its own',
      { ...predicateOf(OPEN), tidegate_rules: [{ rule: 'x', outcome: 'maybe' }] },
      'outcome',
    ],
  ])('refuses %s', (_, predicate, why) => {
    expect(() => readVerdict(predicate, IMAGE)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });
});

describe('a verdict on the whole policy covers one on a part of it', () => {
  const RULES: Verdict['rules'] = [
    { rule: 'scan-present', outcome: 'pass', why: 'There is one.' },
    { rule: 'contents-secrets', outcome: 'pass', why: 'No layer contains a secret.' },
  ];
  const PART: Verdict['rules'] = RULES.map((one, at) => (at === 0 ? one : { ...one, outcome: 'not-applicable' }));
  const bytesOf = (rules: Verdict['rules'], more: Partial<VerdictOptions> = {}) => {
    const decidedOn = new Date(OPEN.decidedOn.getTime() + rules.length);
    const options: VerdictOptions = {
      ...{ verifier: { id: 'https://example.com/gate' }, destination: 'registry.example/acme/app' },
      ...{ policy: { digest: POLICY }, inputs: [digestOf('a scan'), digestOf('an SBOM')] },
      ...more,
    };
    return verdictStatement([{ digest: IMAGE }], { passed: true, rules, decidedOn }, options).bytes;
  };
  const full = bytesOf(RULES, { tools: [{ name: 'syft' }] });
  const part = (more: Partial<VerdictOptions> = {}, rules = PART) =>
    bytesOf(rules, { notJudged: ['contents'], inputs: [digestOf('an SBOM'), digestOf('a scan')], ...more });

  test('if it is of the same evidence', () => {
    expect(coversVerdict(full, part())).toBe(true);
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ['if it is of other evidence', full, part({ inputs: [digestOf('another scan')] })],
    ['if it is under another policy', full, part({ policy: { digest: digestOf('another') } })],
    ['if it is for another repository', full, part({ destination: 'registry.example/other' })],
    ['if it judged only a part itself', part(), part()],
    ['if a rule that both judged differs', full, part({}, [{ rule: 'scan-present', outcome: 'fail', why: '' }])],
    ['if it has not judged a rule at all', full, part({}, [{ rule: 'image-size', outcome: 'pass', why: '' }])],
  ])('not %s', (_, all, some) => {
    expect(coversVerdict(all, some)).toBe(false);
  });
});
