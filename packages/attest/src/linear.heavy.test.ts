/**
 * Parsing takes linear time: in documents of tools and third parties, eight times as many entries take eight times as
 * long.
 */
import { describe, expect, test } from '@jest/globals';
import { growthOf, ignoringErrors, LINEAR_GROWTH } from '@tidegate/testkit';
import { readBuildSteps } from './predicates/build-steps.ts';
import { withoutUserinfo } from './predicates/buildkit.ts';
import { findingsOf } from './predicates/findings.ts';
import { readCatalog, readCycloneDx, readSpdx } from './predicates/sbom.ts';
import { readScan, scanStatement } from './predicates/scan.ts';
import { scannableSbom } from './predicates/scannable-sbom.ts';
import { spdxComponents } from './predicates/spdx-components.ts';
import { assertUsable } from './sign/identity-token.ts';
import { CATALOGED, IMAGE, json, RUN, recorded, SCANNED } from './sound.fixture.ts';
import { makeStatement } from './statement/statement.ts';
import { parseEvidence } from './statement/strict-json.ts';

const list = <T>(length: number, of: (at: number) => T): T[] =>
  Array.from({ length: Math.ceil(length) }, (_, at) => of(at));
const row = <T>(what: string, inputOf: (length: number) => T, work: (input: T) => unknown) =>
  [what, () => growthOf<T>(work, inputOf)] as const;

const catalog = (length: number, change: (at: number) => object) => {
  const document = recorded('syft');
  const [artifact] = document.artifacts;
  return json({ ...document, artifacts: list(length / 256, (at) => ({ ...artifact, ...change(at) })) });
};
const owning = (length: number) => {
  const document = recorded('syft');
  const [artifact] = document.artifacts;
  const files = list(length / 128, (at) => ({ path: `/${at}` }));
  const artifacts = [{ ...artifact, type: 'deb', locations: [{ path: '/var/lib/dpkg/status' }], metadata: { files } }];
  return json({
    ...document,
    artifacts,
    files: files.map((location) => ({ location: { ...location, layerID: IMAGE } })),
  });
};
const scan = (length: number, change: (at: number) => object) => {
  const report = recorded('grype');
  const [match] = report.matches;
  const matches = list(length / 1024, (at) => ({ ...match, artifact: { ...match.artifact, ...change(at) } }));
  return scanStatement([{ digest: SCANNED }], json({ ...report, matches }), RUN).statement.predicate;
};
const matches = (length: number) =>
  list(length / 16, (at) => ({
    vulnerability: { id: 'CVE-1', severity: 'high', fix: { state: 'fixed' as const, versions: [] } },
    artifact: { name: 'a', version: '1', type: 'npm', locations: [{ path: `/${at}` }] },
  }));
const spdx = (length: number) => ({
  ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' },
  packages: list(length / 128, (at) => ({
    ...{ name: `a${at}`, SPDXID: `SPDXRef-${at}`, versionInfo: '1' },
    externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:deb/debian/a${at}@1?distro=debian-12` }],
  })),
  relationships: list(length / 128, (at) => ({
    ...{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: `SPDXRef-x${at}` },
  })),
});
const cycloneDx = (length: number) => ({
  ...recorded('cyclonedx'),
  metadata: { component: { type: 'container', name: 'a', version: IMAGE } },
  components: list(length / 128, (at) => ({
    ...{ type: 'library', name: `a${at}`, version: '1', purl: `pkg:npm/a${at}@1` },
    properties: [{ name: 'syft:location:0:path', value: `/${at}` }],
  })),
});
const buildSteps = (length: number) => ({
  buildConfig: { llbDefinition: list(length / 128, (at) => ({ id: `step${at}` })) },
  metadata: {
    'https://mobyproject.org/buildkit@v1#metadata': {
      source: {
        locations: Object.fromEntries(
          list(length / 128, (at) => [
            `step${at}`,
            { locations: [{ ranges: [{ start: { line: at }, end: { line: at } }] }] },
          ]),
        ),
        infos: [{ data: 'RlJPTSBh' }],
      },
      layers: Object.fromEntries(list(length / 128, (at) => [`step${at}:0`, [[{ digest: IMAGE }]]])),
    },
  },
});

describe('eight times the entries take eight times the time', () => {
  test.each([
    row(
      'a catalog of many packages',
      (n) => catalog(n, (at) => ({ name: `a${at}` })),
      (d) => readCatalog(d, CATALOGED),
    ),
    row(
      'a catalog of one package at many places',
      (n) => catalog(n, (at) => ({ locations: [{ path: `/${at}` }] })),
      (d) => readCatalog(d, CATALOGED),
    ),
    row('a catalog of a package that owns many files', owning, (d) => readCatalog(d, CATALOGED)),
    row(
      'a scan of many packages',
      (n) => scan(n, (at) => ({ name: `a${at}` })),
      (d) => readScan(d, SCANNED),
    ),
    row(
      'a scan of one package at many places',
      (n) => scan(n, (at) => ({ locations: [{ path: `/${at}` }] })),
      (d) => readScan(d, SCANNED),
    ),
    row('matches of one package at many places', matches, findingsOf),
    row('an SPDX document', spdx, (d) => [readSpdx(d, IMAGE), spdxComponents(d)]),
    row('a CycloneDX document', cycloneDx, (d) => readCycloneDx(d, IMAGE)),
    row(
      'a published CycloneDX statement',
      (n) => Buffer.from(makeStatement('https://cyclonedx.org/bom', [{ digest: IMAGE }], cycloneDx(n)).bytes),
      (d) => scannableSbom(d, IMAGE),
    ),
    row('the steps of a build', buildSteps, (d) => readBuildSteps(d)),
  ])('%s', (_, growth) => expect(growth()).toBeLessThan(LINEAR_GROWTH));
});

const TEXTS: readonly (readonly [what: string, read: (text: string) => unknown, pieces: readonly string[]])[] = [
  [
    'JSON',
    (text) => parseEvidence(Buffer.from(text), 'a', 2 ** 30),
    ['[', '{"a":', '{},', '"a",', '"', '\\', '\\"', ' ', '0'],
  ],
  ['addresses of a build', withoutUserinfo, ['a', '@', '://', 'https://a@', ':', 'a+']],
  ['identity tokens', (text) => assertUsable(text, new Date(0)), ['.', 'a', 'a.', '=', '-']],
];

describe('eight times the text takes eight times the time', () => {
  test.each(TEXTS.flatMap(([what, read, pieces]) => pieces.map((piece) => [what, piece, read] as const)))(
    '%s of %j',
    (_, piece, read) => {
      expect(growthOf(ignoringErrors(read), piece)).toBeLessThan(LINEAR_GROWTH);
    },
  );
});
