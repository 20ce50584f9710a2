import { describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { contentDigest } from './same-content.ts';

const of = (predicateType: string, predicate: object) =>
  contentDigest({ _type: 'https://in-toto.io/Statement/v1', subject: [], predicateType, predicate });

const spdx = (created: string, packages: readonly string[] = ['bash']) => ({
  documentNamespace: `https://example.org/${created}`,
  creationInfo: { created, creators: ['Tool: syft-1.50.0'] },
  packages,
});
const cyclonedx = (timestamp: string, tool = 'syft 1.50.0') => ({
  serialNumber: `urn:uuid:${timestamp}`,
  metadata: { timestamp, tools: [tool] },
  components: [],
});
const provenance = (invocationId: string, commit = 'a') => ({
  buildDefinition: { externalParameters: { commit } },
  runDetails: { builder: { id: 'https://example.org/build' }, metadata: { invocationId, startedOn: invocationId } },
});

describe('two statements say the same', () => {
  test.each([
    ['SPDX of another time', PredicateType.spdx, spdx('1'), spdx('2')],
    ['CycloneDX of another time', PredicateType.cyclonedx, cyclonedx('1'), cyclonedx('2')],
    ['provenance of another run', PredicateType.provenance, provenance('1'), provenance('2')],
  ])('%s', (_what, type, one, other) => {
    expect(of(type, one)).toBeDefined();
    expect(of(type, one)).toBe(of(type, other));
  });
});

describe('two statements say different things', () => {
  test.each([
    ['another package', PredicateType.spdx, spdx('1'), spdx('1', [])],
    ['another version of the cataloger', PredicateType.cyclonedx, cyclonedx('1'), cyclonedx('1', 'syft 1.51.0')],
    ['another commit', PredicateType.provenance, provenance('1'), provenance('1', 'b')],
  ])('%s', (_what, type, one, other) => {
    expect(of(type, one)).not.toBe(of(type, other));
  });

  test('a scan and a verdict each speak for themselves', () => {
    expect(of(PredicateType.scan, {})).toBeUndefined();
    expect(of(PredicateType.verdict, {})).toBeUndefined();
  });
});
