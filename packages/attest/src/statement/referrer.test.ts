import { describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType, PredicateType } from '@tidegate/core';
import { IMAGE, parsed } from '../sound.fixture.ts';
import { bundleReferrer, statementReferrer, syftReferrer } from './referrer.ts';

const SUBJECT: Descriptor = {
  mediaType: MediaType.manifest,
  digest: IMAGE,
  size: 480,
  platform: { os: 'linux', architecture: 'amd64' },
  annotations: { 'org.opencontainers.image.ref.name': 'latest' },
};
const CONTENT = Buffer.from('content');

describe('a referrer', () => {
  test.each([
    [
      'of a statement',
      statementReferrer(SUBJECT, CONTENT, PredicateType.scan),
      'application/vnd.in-toto+json',
      { 'in-toto.io/predicate-type': PredicateType.scan },
    ],
    [
      'of a bundle, as cosign 3 reads it',
      bundleReferrer(SUBJECT, CONTENT, PredicateType.scan),
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': PredicateType.scan },
    ],
    ['of a syft-json document', syftReferrer(SUBJECT, CONTENT), 'application/vnd.syft+json', undefined],
  ])('%s names its subject, one layer of its own type and an empty config', (_, referrer, type, annotations) => {
    const { manifest, descriptor, blobs } = referrer;
    const empty = digestOf('{}');
    expect(parsed(manifest)).toEqual({
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      artifactType: type,
      config: { mediaType: MediaType.empty, digest: empty, size: 2 },
      layers: [{ mediaType: type, digest: digestOf(CONTENT), size: CONTENT.byteLength }],
      subject: { mediaType: SUBJECT.mediaType, digest: IMAGE, size: 480 },
      ...(annotations ? { annotations } : {}),
    });
    expect(descriptor).toEqual({
      mediaType: MediaType.manifest,
      digest: digestOf(manifest),
      size: manifest.byteLength,
      artifactType: type,
      ...(annotations ? { annotations } : {}),
    });
    expect(blobs.map(({ descriptor: { digest }, bytes }) => [digest, digestOf(bytes)])).toEqual([
      [empty, empty],
      [digestOf(CONTENT), digestOf(CONTENT)],
    ]);
  });

  test('is the same on every run, whatever else is known of its subject', () => {
    const { platform: _, annotations: __, ...bare } = SUBJECT;
    const again = bundleReferrer(bare, CONTENT, PredicateType.scan);
    expect(again.descriptor).toEqual(bundleReferrer(SUBJECT, CONTENT, PredicateType.scan).descriptor);
  });

  test('contains its time only if configured', () => {
    const { descriptor } = statementReferrer(SUBJECT, CONTENT, PredicateType.scan, { created: new Date(0) });
    expect(descriptor.annotations?.['org.opencontainers.image.created']).toBe('1970-01-01T00:00:00.000Z');
  });
});
