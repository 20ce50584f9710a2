import { expect, test } from '@jest/globals';
import { assertOwnPredicateType, isOwnPredicateType } from './predicate-type.ts';

test.each([
  'https://example.com/review/v1',
  'http://example.com:8080/~a/(b)?c#d',
  'urn:acme:review',
  'https://in-toto.io/attestation/vulns/v0.1',
  'https://openvex.dev/ns/v0.2.0',
])('%s can be the type of evidence of your own', (type) => expect(isOwnPredicateType(type)).toBe(true));

test.each([
  '',
  'review',
  '/review/v1',
  'example.com/review',
  'https://',
  'https://[::1',
  'https://example.com/a b',
  'https://example.com/ä',
  'https://example.com/a\n',
  'https://example.com/a,b',
  'https://example.com/a=b',
  `https://example.com/${'a'.repeat(1000)}`,
])('%j is not an absolute URI', (type) =>
  expect(() => assertOwnPredicateType(type, 'predicate-type')).toThrow(
    expect.objectContaining({ id: 'predicate-type-invalid', message: expect.stringContaining('an absolute URI') }),
  ),
);

test.each([
  ['https://slsa.dev/provenance/v1', 'provenance'],
  ['https://slsa.dev/provenance/v0.2', 'provenance'],
  ['HTTPS://SLSA.DEV/Provenance/v1', 'provenance'],
  ['https://slsa.dev:443/x/../provenance/v1', 'provenance'],
  ['https://in-toto.io/Provenance/v0.1', 'provenance'],
  ['https://slsa.dev/verification_summary/v1', 'verdict'],
  ['https://spdx.dev/Document/v2.3', 'sbom'],
  ['https://cyclonedx.org/bom/v1.6', 'sbom'],
  ['https://cosign.sigstore.dev/attestation/vuln/v1', 'scan'],
  ['https://in-toto.io/attestation/test-result/v0.1', 'tests'],
  ['https://sigstore.dev/cosign/sign/v1', 'signature'],
])('%s would forge evidence of Tidegate', (type, word) =>
  expect(() => assertOwnPredicateType(type, 'predicate-type')).toThrow(
    expect.objectContaining({ message: expect.stringContaining(`; ${word} requires this one`) }),
  ),
);
