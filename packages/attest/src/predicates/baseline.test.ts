import { expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { baselineStatement } from './baseline.ts';
import { evidenceOf, evidenceOfStatement } from './evidence.ts';

const subject = digestOf('an image');
const live = [{ repository: 'ghcr.io/acme/app', tag: '1', digest: digestOf('live'), policies: [digestOf('policy')] }];
const finding = { id: 'CVE-1', type: 'deb', name: 'a', severity: 'high' } as const;

test('properties without a value are absent in the bytes, and read as absent in memory', () => {
  const findings = [{ ...finding, knownExploited: undefined }];
  const made = baselineStatement(subject, { live, why: undefined, signer: 'key', findings });
  const read = { kind: 'baseline', subject, live, signer: 'key', findings: [finding] };
  expect(evidenceOf(made.bytes, subject)).toMatchObject(read);
  expect(evidenceOfStatement(made, subject, digestOf(made.bytes))).toMatchObject(read);
});

test('findings without their image are refused', () => {
  expect(() => baselineStatement(subject, { why: 'No tag exists.', findings: [finding] })).toThrow(
    /without their image/,
  );
  expect(() => baselineStatement(subject, { live, findings: [finding] })).toThrow(/without their signer/);
});
