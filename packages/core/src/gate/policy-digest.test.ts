import { expect, test } from '@jest/globals';
import type { Policy } from '../policy.ts';
import { policyDigest } from './policy-digest.ts';
import { FULL, STRICT } from './sound.fixture.ts';

test('a policy has one digest, however it is written', () => {
  const reordered = Object.fromEntries(Object.entries(STRICT).toReversed()) as unknown as Policy;
  expect(policyDigest(reordered)).toBe(policyDigest(STRICT));
  expect(policyDigest({ ...STRICT, require: STRICT.require.toReversed() })).toBe(policyDigest(STRICT));
  expect(policyDigest({ ...STRICT, allowEmptySbom: false, sbomFormats: ['cyclonedx', 'spdx', 'syft'] })).toBe(
    policyDigest(STRICT),
  );
});

test('the policy asked before signing and the one asked before the push have the same digest', () => {
  expect(policyDigest({ ...STRICT, require: ['provenance', 'sbom', 'scan'] })).toBe(policyDigest(STRICT));
});

test.each<[string, Partial<Policy>]>([
  ['require', { require: ['provenance', 'sbom'] }],
  ['failOn', { failOn: 'critical' }],
  ['unknownSeverity', { unknownSeverity: 'report' }],
  ['onlyFixed', { onlyFixed: true }],
  ['maxDatabaseAge', { maxDatabaseAge: 1 }],
  ['maxScanAge', { maxScanAge: 1 }],
  ['sbomFormats', { sbomFormats: ['spdx'] }],
  ['allowEmptySbom', { allowEmptySbom: true }],
  ['allowSuppressed', { allowSuppressed: true }],
  ['failOnByFix', { failOnByFix: { fixed: 'low' } }],
  ['knownExploited', { knownExploited: 'report' }],
  ['maxEpss', { maxEpss: 0.1 }],
  ['maxRisk', { maxRisk: 10 }],
  ['maxIgnoreTime', { maxIgnoreTime: 1 }],
  ['ignore', { ignore: FULL.ignore ?? [] }],
  ['vex', { vex: FULL.vex ?? [] }],
  ['licenses', { licenses: { allow: [], deny: [], unknown: 'fail', except: [] } }],
  ['deniedPackages', { deniedPackages: ['pkg:npm/x'] }],
  ['baseImages', { baseImages: { allow: [], undated: 'fail' } }],
  ['image', { image: { maxLayers: 3 } }],
  ['contents', { contents: { traces: { shell: 'fail' } } }],
  ['registries', { registries: [['ghcr.io/acme/*']] }],
])('another %s is another policy', (_, change) => {
  expect(policyDigest({ ...STRICT, ...change })).not.toBe(policyDigest(STRICT));
});

test('where an entry stands is no part of the policy', () => {
  const moved = { ...FULL, ignore: (FULL.ignore ?? []).map((entry) => ({ ...entry, from: 'elsewhere:9' })) };
  expect(policyDigest(moved)).toBe(policyDigest(FULL));
  const sooner = { ...FULL, ignore: (FULL.ignore ?? []).map((entry) => ({ ...entry, expires: new Date(0) })) };
  expect(policyDigest(sooner)).not.toBe(policyDigest(FULL));
});
