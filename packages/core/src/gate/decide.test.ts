import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../evidence.ts';
import type { RuleName } from '../policy.ts';
import { makeVerdict } from './decide.ts';
import { FULL } from './full-policy.fixture.ts';
import {
  ARM64,
  failedRules,
  finding,
  gateContext,
  IMAGE,
  judge,
  NOTHING,
  NOW,
  resultsOf,
  SINGLE,
  STRANGER,
  soundEvidence,
  spoilt,
  spoiltOnAmd64,
} from './sound.fixture.ts';

describe('the gate', () => {
  test('opens for an image of two platforms with all its evidence', () => {
    const verdict = judge(soundEvidence(IMAGE, FULL), FULL, IMAGE, gateContext());
    expect(verdict.rules.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(verdict).toMatchObject({ passed: true, decidedOn: NOW });
  });

  test('opens for a single manifest that is its own root', () => {
    expect(judge(soundEvidence(SINGLE), {}, SINGLE).passed).toBe(true);
  });

  test('tells every rule, once when it passes', () => {
    const names = judge(soundEvidence()).rules.map(({ rule }) => rule);
    expect(names).toHaveLength(46);
    expect(new Set(names).size).toBe(46);
  });

  test('fails when no rule was evaluated', () => {
    expect(makeVerdict([], NOW).passed).toBe(false);
  });

  test('fails when no rule applies', () => {
    const rules = [{ rule: 'scan-present', outcome: 'not-applicable', why: '' }] as const;
    expect(makeVerdict(rules, NOW).passed).toBe(false);
  });

  test('takes an outcome it does not know for no pass', () => {
    const rules = [
      { rule: 'scan-present', outcome: 'pass', why: '' },
      { rule: 'sbom-present', outcome: 'maybe' as 'pass', why: '' },
    ] as const;
    expect(makeVerdict(rules, NOW).passed).toBe(false);
  });

  test('fails without any evidence, even when the policy requires nothing', () => {
    expect(failedRules(judge([], NOTHING))).toEqual(['evidence-readable']);
  });

  test('fails for an image without platforms', () => {
    const image = { root: IMAGE.root, platforms: [] };
    expect(failedRules(judge(soundEvidence(image), {}, image))).toContain('evidence-readable');
  });

  test('fails for evidence about another image', () => {
    const foreign = soundEvidence().map((each): Evidence => ({ ...each, subject: STRANGER }));
    const verdict = judge([...soundEvidence(), ...foreign.slice(0, 1)]);
    expect(failedRules(verdict)).toEqual(['evidence-readable']);
    expect(resultsOf(verdict, 'evidence-readable')[0]?.why).toContain(STRANGER);
    expect(failedRules(judge(foreign))).toContain('scan-present');
  });

  test('fails for evidence that cannot be read, whatever else is valid', () => {
    const broken: Evidence = { kind: 'unreadable', subject: IMAGE.root.digest, claimed: 'scan', why: 'cut short' };
    const verdict = judge([...soundEvidence(), broken]);
    expect(failedRules(verdict)).toEqual(['evidence-readable']);
    expect(resultsOf(verdict, 'evidence-readable')[0]?.why).toContain('cut short');
  });

  test('does not let evidence about one platform speak for the other', () => {
    const moved = spoiltOnAmd64('scan', (scan) => ({ ...scan, subject: ARM64.descriptor.digest }));
    const verdict = judge(moved);
    expect(verdict.passed).toBe(false);
    expect(resultsOf(verdict, 'scan-present')).toEqual([
      { rule: 'scan-present', outcome: 'fail', why: 'linux/amd64: there is no scan.' },
    ]);
  });

  const missing: readonly [Evidence['kind'], RuleName][] = [
    ['provenance', 'provenance-present'],
    ['sbom', 'sbom-present'],
    ['scan', 'scan-present'],
    ['verdict', 'verdict-present'],
    ['signature', 'signature-present'],
  ];

  test.each(missing)('fails when all %s is missing', (kind, rule) => {
    expect(failedRules(judge(spoilt(kind, () => undefined)))).toContain(rule);
  });

  test.each(missing)('fails when only the amd64 %s is missing, and names the platform', (kind, rule) => {
    const verdict = judge(spoiltOnAmd64(kind, () => undefined));
    expect(
      resultsOf(verdict, rule).every(({ outcome, why }) => outcome === 'fail' && why.startsWith('linux/amd64:')),
    ).toBe(true);
  });

  test.each(['provenance', 'verdict', 'signature'] as const)('fails when only the index has no %s', (kind) => {
    const verdict = judge(spoilt(kind, (each) => (each.subject === IMAGE.root.digest ? undefined : each)));
    expect(failedRules(verdict)).toEqual([`${kind}-present`]);
  });

  test.each(missing)('does not ask for %s where the policy does not', (kind, rule) => {
    const all = ['provenance', 'sbom', 'scan', 'verdict', 'signature'] as const;
    // A scan needs an SBOM.
    const require = all.filter((each) => each !== kind && !(kind === 'sbom' && each === 'scan'));
    const verdict = judge(
      spoilt(kind, () => undefined),
      { ...NOTHING, require },
    );
    expect(resultsOf(verdict, rule).map(({ outcome }) => outcome)).toEqual(['not-applicable']);
  });

  test('judges a scan that is there although nothing is required', () => {
    const bad = spoilt('scan', (scan) => ({ ...scan, findings: [finding({ severity: 'critical' })] }));
    expect(failedRules(judge(bad, { require: [] }))).toContain('severity-threshold');
  });

  test('is not outvoted: a second piece that fails shuts it, in either order', () => {
    const second = spoiltOnAmd64('verdict', (verdict) => [verdict, { ...verdict, passed: false }]);
    expect(failedRules(judge(second))).toEqual(['verdict-present']);
    expect(failedRules(judge(second.toReversed()))).toEqual(['verdict-present']);
  });

  test('decides the same for the same evidence in any order', () => {
    expect(judge(soundEvidence().toReversed()).passed).toBe(true);
  });
});
