import { expect, test } from '@jest/globals';
import type { Policy } from '../policy.ts';
import { policyDigest } from './policy-digest.ts';
import { STRICT } from './sound.fixture.ts';

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
])('another %s is another policy', (_, change) => {
  expect(policyDigest({ ...STRICT, ...change })).not.toBe(policyDigest(STRICT));
});
