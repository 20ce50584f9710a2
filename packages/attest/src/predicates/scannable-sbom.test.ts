import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { digestOf, TidegateError } from '@tidegate/core';
import { cyclonedxStatement, spdxStatement } from './sbom.ts';
import { scannableSbom } from './scannable-sbom.ts';

const [subject, other] = [digestOf('an image'), digestOf('another')];
const document = (over: object = {}) => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  metadata: { component: { type: 'container', name: 'app', version: subject } },
  components: [
    {
      ...{ type: 'library', name: 'base-files', version: '12.4', purl: 'pkg:deb/debian/base-files@12.4' },
      licenses: [
        { license: { id: 'GPL-2.0-only' } },
        { license: { name: 'public domain' } },
        { expression: 'MIT OR ISC' },
      ],
      properties: [{ name: 'syft:package:type', value: 'deb' }],
    },
    { type: 'application', name: 'x/text', version: '0.3.7', purl: 'pkg:golang/x/text@0.3.7' },
    { type: 'library', name: 'nameless' },
    { type: 'file', name: '/etc/passwd' },
    { type: 'operating-system', name: 'debian', version: '12' },
  ],
  ...over,
});
const statement = (value: object, about = subject) =>
  cyclonedxStatement([{ digest: about }], Buffer.from(JSON.stringify(value))).bytes;

describe('a published CycloneDX document', () => {
  const found = scannableSbom(statement(document()), subject);

  test('is what the scanner is given, byte for byte by its digest', () => {
    expect(JSON.parse(Buffer.from(found?.bytes ?? []).toString())).toEqual(document());
    expect(found?.evidence.document).toBe(digestOf(found?.bytes ?? Buffer.alloc(0)));
  });

  test('lists packages with their kind and licences, and no files', () => {
    expect(found?.evidence.distribution).toBe('debian 12');
    expect(found?.evidence.components).toEqual([
      {
        ...{ name: 'base-files', version: '12.4', type: 'deb', purl: 'pkg:deb/debian/base-files@12.4' },
        licenses: ['GPL-2.0-only', 'public domain', 'MIT OR ISC'],
      },
      { name: 'x/text', version: '0.3.7', type: 'golang', purl: 'pkg:golang/x/text@0.3.7', licenses: [] },
      { name: 'nameless', version: '', type: 'library', licenses: [] },
    ]);
  });

  test('as Syft writes it has its kinds and the distribution', () => {
    const syft = JSON.parse(readFileSync(new URL('../../testdata/cyclonedx.json', import.meta.url), 'utf8'));
    const bytes = statement({ ...syft, metadata: { component: { ...syft.metadata.component, version: subject } } });
    const components = scannableSbom(bytes, subject)?.evidence.components ?? [];
    expect(components.length).toBeGreaterThan(0);
    expect(components.map(({ type }) => type)).not.toContain('library');
  });
});

test.each<[string, Uint8Array]>([
  ['says of itself that it is of another image', statement(document({ metadata: { component: { version: other } } }))],
  ['says nothing of that', statement(document({ metadata: {} }))],
  ['is in a statement about another image', statement(document(), other)],
  [
    'is SPDX',
    spdxStatement(
      [{ digest: subject }],
      Buffer.from(JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [] })),
    ).bytes,
  ],
])('one that %s is not scanned', (_, bytes) => {
  expect(scannableSbom(bytes, subject)).toBeUndefined();
});

test('one that cannot be read is an error, for its caller to weigh', () => {
  expect(() => scannableSbom(Buffer.from('{'), subject)).toThrow(TidegateError);
});
