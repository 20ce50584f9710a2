import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { failedRules, finding, judge, NOTHING, STRICT, soundEvidence, spoilt } from './sound.fixture.ts';

const critical = spoilt('scan', (scan) => ({
  ...scan,
  findings: [finding({ severity: 'critical', knownExploited: true, epss: 1, risk: 100 })],
  scannerTripped: true,
}));
const without = (...kinds: readonly Evidence['kind'][]) => critical.filter(({ kind }) => !kinds.includes(kind));

/** Each rule that reads findings, on its own. */
const THRESHOLDS: readonly [string, Partial<Policy>][] = [
  ['fail-on', { failOn: 'critical' }],
  ['fail-on for fixed ones', { failOnByFix: { fixed: 'high' } }],
  ['unknown-severity', { unknownSeverity: 'fail' }],
  ['known-exploited', { knownExploited: 'fail' }],
  ['max-epss', { maxEpss: 0.5 }],
  ['max-risk', { maxRisk: 50 }],
];

describe.each(THRESHOLDS)('a policy with %s that requires no evidence', (_, rule) => {
  const policy = { ...NOTHING, ...rule };

  test('fails when the scan is removed, or scan and SBOM', () => {
    expect(judge(without('scan'), policy).passed).toBe(false);
    expect(failedRules(judge(without('scan'), policy))).toEqual(['scan-present']);
    expect(failedRules(judge(without('scan', 'sbom'), policy))).toEqual(['scan-present', 'sbom-present'].toSorted());
  });

  test('fails when the SBOM that the scan read is removed', () => {
    expect(failedRules(judge(without('sbom'), policy))).toContain('sbom-present');
  });

  test('wants the scan to be signed where it wants a signature', () => {
    const bare = critical.filter((each) => !(each.kind === 'signature' && each.predicateType.includes('vuln')));
    expect(failedRules(judge(bare, { ...policy, require: ['signature'] }))).toContain('signature-present');
  });
});

test('a known exploited finding fails by default, and so its scan is wanted by default', () => {
  const { knownExploited: _, ...silent } = NOTHING;
  expect(failedRules(judge(without('scan'), silent))).toEqual(['scan-present']);
});

test.each<[string, Partial<Policy>]>([
  ['licences', { licenses: { allow: [['MIT']], deny: [], unknown: 'fail', except: [] } }],
  ['packages', { deniedPackages: ['pkg:npm/event-stream'] }],
])('a policy with rules for %s fails when the SBOM is removed', (_, rule) => {
  expect(failedRules(judge(without('sbom', 'scan'), { ...NOTHING, ...rule }))).toContain('sbom-present');
});

test.each<[string, Partial<Policy>, Evidence['kind']]>([
  ['base images', { baseImages: { allow: [['docker.io/library/*']], undated: 'fail' } }, 'provenance'],
  ['the layers', { contents: { traces: { secret: 'fail' } } }, 'contents'],
])('a policy with rules for %s fails when the evidence that they read is removed', (_, rule, kind) => {
  expect(
    judge(
      soundEvidence().filter((each) => each.kind !== kind),
      { ...NOTHING, ...rule },
    ).passed,
  ).toBe(false);
});

test('an evidence that is required needs no rule, and a policy without rules asks for none', () => {
  expect(judge(without('scan', 'sbom'), { ...NOTHING, require: ['provenance'] }).passed).toBe(true);
  expect(judge(without('sbom'), { ...STRICT, ...NOTHING, require: ['scan'] }).passed).toBe(false);
});

test('only the policy sets the formats to publish', () => {
  const syftOnly = soundEvidence().filter((each) => each.kind !== 'sbom' || each.format === 'syft');
  expect(judge(syftOnly, { require: ['scan'] }).passed).toBe(true);
  expect(failedRules(judge(syftOnly, { require: ['scan', 'sbom'] }))).toEqual(['sbom-present']);
});
