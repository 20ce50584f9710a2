import { describe, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { CATALOGED, IMAGE, json, parsed, recorded } from '../sound.fixture.ts';
import { evidenceOf } from './evidence.ts';
import { cyclonedxStatement, readSyft, spdxStatement } from './sbom.ts';

const deb = (name: string) => ({ name, type: 'deb', locations: [{ path: '/var/lib/dpkg/status' }] });

const go = (name: string, version: string, purl: string, licenses: readonly string[]) => ({
  name,
  version,
  type: 'go-module',
  purl,
  licenses,
});

describe('readSyft', () => {
  test('counts packages and names the document by its bytes', () => {
    const bytes = json(recorded('syft'));
    expect(readSyft(bytes, CATALOGED)).toEqual({
      kind: 'sbom',
      subject: CATALOGED,
      format: 'syft',
      cataloger: '1.52.0',
      document: digestOf(bytes),
      packages: 3,
      osPackages: 0,
      osTraces: [],
      components: [
        go('example.com/app', 'UNKNOWN', 'pkg:golang/example.com/app', []),
        go('golang.org/x/text', 'v0.3.7', 'pkg:golang/golang.org/x/text@v0.3.7', []),
        go('stdlib', 'go1.26.8', 'pkg:golang/stdlib@1.26.8', ['BSD-3-Clause']),
      ],
    });
  });

  test('a licence is the SPDX expression, and where Syft read none what the package says', () => {
    const [first, ...rest] = recorded('syft').artifacts;
    const licenses = [
      { value: 'GPL-2+', spdxExpression: 'GPL-2.0-or-later' },
      { value: 'see COPYING', spdxExpression: '' },
    ];
    const document = json({ ...recorded('syft'), artifacts: [{ ...first, licenses }, ...rest] });
    expect(readSyft(document, CATALOGED).components?.[0]?.licenses).toEqual(['GPL-2.0-or-later', 'see COPYING']);
  });

  test('counts the packages that match only through a distribution, and names it', () => {
    const artifacts = [
      ...recorded('syft').artifacts,
      deb('libc6'),
      { name: 'musl', type: 'apk' },
      { name: 'glibc', type: 'rpm' },
    ];
    const distro = { id: 'debian', versionID: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' };
    expect(readSyft(json({ ...recorded('syft'), artifacts, distro }), CATALOGED)).toMatchObject({
      packages: 6,
      osPackages: 3,
      distribution: 'debian 12',
      osTraces: ['/var/lib/dpkg/status'],
    });
  });

  test.each([
    [{ id: 'wolfi', versionID: '20230201' }, 'wolfi 20230201'],
    [{ id: 'arch' }, 'arch'],
    [{}, undefined],
    [undefined, undefined],
  ])('the distribution of %j is %s', (distro, distribution) => {
    expect(readSyft(json({ ...recorded('syft'), distro }), CATALOGED).distribution).toBe(distribution);
  });

  test('sees the traces of a distribution among files, where no package is left', () => {
    const files = [{ location: { path: '/etc/debian_version' } }, { location: { path: '/app' } }];
    expect(readSyft(json({ ...recorded('syft'), files }), CATALOGED).osTraces).toEqual(['/etc/debian_version']);
  });

  test.each<[string, () => Uint8Array, string]>([
    ['of another image', () => json(recorded('syft')), `from "${CATALOGED}", not from ${IMAGE}`],
    [
      'of a folder',
      () => json({ ...recorded('syft'), source: { type: 'directory', metadata: { path: '.' } } }),
      'from no image',
    ],
    ['that does not say of what', () => json({ ...recorded('syft'), source: undefined }), 'source is missing'],
    ['without artifacts', () => json({ ...recorded('syft'), artifacts: undefined }), 'artifacts is missing'],
    ['whose artifacts are null', () => json({ ...recorded('syft'), artifacts: null }), 'artifacts: expected'],
    ['of another tool', () => json({ ...recorded('syft'), descriptor: { name: 'trivy' } }), 'descriptor.name'],
    ['in another format', () => json(recorded('cyclonedx')), 'artifacts is missing'],
    ['that is empty', () => new Uint8Array(), 'is empty'],
    ['that is rubbish', () => Buffer.from('panic: runtime error'), 'not JSON'],
  ])('refuses a document %s', (_, make, why) => {
    expect(() => readSyft(make(), IMAGE)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });
});

describe.each([
  ['SPDX', 'spdx', spdxStatement],
  ['CycloneDX', 'cyclonedx', cyclonedxStatement],
] as const)('a statement of %s', (name, format, make) => {
  const statementOf = (document: unknown) => make([{ digest: CATALOGED }], json(document));

  test('holds the document as it is', () => {
    expect(parsed(statementOf(recorded(format)).bytes).predicate).toEqual(recorded(format));
  });

  test('is evidence of as many packages as Syft found', () => {
    const { bytes } = statementOf(recorded(format));
    const evidence = evidenceOf(bytes, CATALOGED);
    expect(evidence).toMatchObject({ kind: 'sbom', format, packages: 3, osPackages: 0, statement: digestOf(bytes) });
    expect(evidence).not.toHaveProperty('distribution');
  });

  test.each([
    ['nothing', ''],
    ['rubbish', 'panic: runtime error'],
    ['an empty object', '{}'],
    ['a list', '[]'],
    ['the other format', JSON.stringify(recorded(format === 'spdx' ? 'cyclonedx' : 'spdx'))],
    ['packages that are no list', JSON.stringify({ ...recorded(format), packages: {}, components: {} })],
    [
      'a package without a name',
      JSON.stringify({ ...recorded(format), packages: [{}], components: [{ type: 'library' }] }),
    ],
    ['another version', JSON.stringify({ ...recorded(format), spdxVersion: 'SPDX-3.0', specVersion: '2.0' })],
  ])(`refuses %s`, (_, document) => {
    expect(() => make([{ digest: CATALOGED }], Buffer.from(document))).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(`The ${name} document`) }),
    );
  });
});

test.each([
  [
    'spdx',
    spdxStatement,
    (purl: string) => ({
      packages: [{ name: 'libc6', externalRefs: [{ referenceType: 'purl', referenceLocator: purl }] }],
    }),
  ],
  ['cyclonedx', cyclonedxStatement, (purl: string) => ({ components: [{ type: 'library', name: 'libc6', purl }] })],
] as const)('%s names the distribution through the purls of its packages', (format, make, packages) => {
  const purl = 'pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12';
  const { bytes } = make([{ digest: IMAGE }], json({ ...recorded(format), ...packages(purl) }));
  expect(evidenceOf(bytes, IMAGE)).toMatchObject({ osPackages: 1, distribution: 'debian 12' });
});

test('cyclonedx names the distribution as a component', () => {
  const components = [...recorded('cyclonedx').components, { type: 'operating-system', name: 'debian', version: '12' }];
  const { bytes } = cyclonedxStatement([{ digest: IMAGE }], json({ ...recorded('cyclonedx'), components }));
  expect(evidenceOf(bytes, IMAGE)).toMatchObject({ packages: 3, distribution: 'debian 12' });
});
