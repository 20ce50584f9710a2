import { describe, expect, test } from '@jest/globals';
import { readVex } from './document.ts';

const HEX = 'ab'.repeat(32);
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const read = (value: unknown) => readVex(bytes(value), 'app.vex.json').statements;

const STATEMENT = {
  vulnerability: { name: 'CVE-2026-0001', aliases: ['GHSA-aaaa-bbbb-cccc'] },
  products: [{ '@id': 'pkg:npm/minimist@1.2.3' }],
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
};
const OPENVEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex/1',
  author: 'Acme security',
  timestamp: '2026-11-01T00:00:00Z',
  version: 1,
  statements: [STATEMENT],
};
const openvex = (over: object) => ({ ...OPENVEX, statements: [{ ...STATEMENT, ...over }] });

describe('OpenVEX', () => {
  test('a statement says what, about which package, why and when', () => {
    expect(read(OPENVEX)).toEqual([
      {
        from: 'app.vex.json, statement 1',
        ids: ['CVE-2026-0001', 'GHSA-aaaa-bbbb-cccc'],
        products: [
          {
            name: 'pkg:npm/minimist@1.2.3',
            package: { type: 'npm', path: 'minimist', version: '1.2.3', qualifiers: new Map() },
          },
        ],
        status: 'not_affected',
        justification: 'vulnerable_code_not_in_execute_path',
        author: 'Acme security',
        at: new Date('2026-11-01T00:00:00Z'),
      },
    ]);
  });

  test("a statement's own timestamp counts before the document's, and no update of either", () => {
    const timestamp = '2026-11-02T00:00:00Z';
    expect(read(openvex({ timestamp }))[0]?.at).toEqual(new Date(timestamp));
    const last_updated = '2026-11-03T00:00:00Z';
    expect(read(openvex({ timestamp, last_updated }))[0]?.at).toEqual(new Date(timestamp));
    expect(read({ ...openvex({ last_updated }), last_updated })[0]?.at).toEqual(new Date(OPENVEX.timestamp));
  });

  const subcomponents = [{ '@id': 'pkg:npm/minimist@1.2.3' }];
  test.each([
    ['an image by the digest in its purl', { '@id': `pkg:oci/app@sha256%3A${HEX}`, subcomponents }, HEX, 'minimist'],
    [
      'an image by hash',
      { '@id': 'https://acme.example/app', hashes: { 'sha-256': HEX }, subcomponents },
      HEX,
      'minimist',
    ],
    ['an image by identifier', { identifiers: { purl: `pkg:oci/app@sha256:${HEX}` }, subcomponents }, HEX, 'minimist'],
    ['an image without packages', { '@id': `pkg:oci/app@sha256:${HEX}` }, HEX, undefined],
    ['an image without a digest', { '@id': 'pkg:oci/app@1.0', subcomponents }, undefined, undefined],
    ['an image by name', { '@id': 'ghcr.io/acme/app:1.0', subcomponents }, undefined, undefined],
    ['a package within a package', { '@id': 'pkg:npm/app@1.0.0', subcomponents }, undefined, undefined],
  ])('%s', (_, product, image, path) => {
    const [found] = read(openvex({ products: [product] }))[0]?.products ?? [];
    expect([found?.image, found?.package?.path]).toEqual([image, path]);
  });
});

const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { timestamp: '2026-11-01T00:00:00Z' },
  components: [{ 'bom-ref': 'minimist', type: 'library', name: 'minimist', purl: 'pkg:npm/minimist@1.2.3' }],
  vulnerabilities: [
    {
      id: 'CVE-2026-0001',
      references: [{ id: 'GHSA-aaaa-bbbb-cccc', source: { name: 'GitHub' } }],
      analysis: { state: 'not_affected', justification: 'code_not_reachable' },
      affects: [{ ref: 'minimist' }],
    },
  ],
};
const [VULNERABILITY] = CYCLONEDX.vulnerabilities;
const cyclonedx = (over: object, more: object = {}) => ({
  ...CYCLONEDX,
  ...more,
  vulnerabilities: [{ ...VULNERABILITY, ...over }],
});

describe('CycloneDX', () => {
  test.each([
    ['not_affected', 'not_affected'],
    ['false_positive', 'not_affected'],
    ['resolved', 'fixed'],
    ['resolved_with_pedigree', 'fixed'],
    ['exploitable', 'affected'],
    ['in_triage', 'under_investigation'],
  ])('%s is %s', (state, status) => {
    const [statement] = read(cyclonedx({ analysis: { state, justification: 'code_not_reachable' } }));
    expect(statement).toMatchObject({ status, ids: ['CVE-2026-0001', 'GHSA-aaaa-bbbb-cccc'] });
  });

  test('a vulnerability that was not analyzed suppresses nothing', () => {
    expect(read(cyclonedx({ analysis: undefined }))).toEqual([]);
  });

  const container = {
    metadata: {
      timestamp: '2026-11-01T00:00:00Z',
      component: { 'bom-ref': 'app', type: 'container', name: 'app', version: `sha256:${HEX}` },
    },
  };
  const undigested = {
    metadata: { ...container.metadata, component: { type: 'container', name: 'app', version: '1.0' } },
  };
  test.each([
    ['a component', [{ ref: 'minimist' }], {}, undefined, 'minimist'],
    ['a package URL', [{ ref: 'pkg:npm/minimist@1.2.3' }], {}, undefined, 'minimist'],
    ["Syft's reference", [{ ref: 'pkg:npm/minimist@1.2.3?package-id=0123' }], {}, undefined, 'minimist'],
    [
      'a BOM-Link',
      [{ ref: 'urn:cdx:00000000-0000-0000-0000-000000000000/1#pkg%3Anpm%2Fminimist%401.2.3' }],
      {},
      undefined,
      'minimist',
    ],
    ['a package in an image', [{ ref: 'minimist' }], container, HEX, 'minimist'],
    ['an image', [{ ref: 'app' }], container, HEX, undefined],
    ['a package in an image without a digest', [{ ref: 'minimist' }], undigested, undefined, undefined],
    ['a range of versions', [{ ref: 'minimist', versions: [{ version: '1.2.3' }] }], {}, undefined, undefined],
    ['nothing that is known', [{ ref: 'unheard-of' }], {}, undefined, undefined],
  ])('%s', (_, affects, more, image, path) => {
    const [found] = read(cyclonedx({ affects }, more))[0]?.products ?? [];
    expect([found?.image, found?.package?.path]).toEqual([image, path]);
  });
});

describe('a statement that says too little', () => {
  const { justification: _, ...silent } = STATEMENT;
  const UNUSABLE = { ...silent, impact_statement: 'We do not call it.' };

  test('is reported, and the others count', () => {
    const document = readVex(bytes({ ...OPENVEX, statements: [STATEMENT, UNUSABLE, STATEMENT] }), 'app.vex.json');
    expect(document.statements.map(({ from }) => from)).toEqual([
      'app.vex.json, statement 1',
      'app.vex.json, statement 3',
    ]);
    expect(document.unusable).toEqual([
      { from: 'app.vex.json, statement 2', why: 'VEX app.vex.json, statement 2: justification is missing.' },
    ]);
  });

  test('of CycloneDX as well', () => {
    const other = { ...VULNERABILITY, id: 'CVE-2026-0002', analysis: { state: 'fine' } };
    const document = { ...CYCLONEDX, vulnerabilities: [VULNERABILITY, other] };
    const { statements, unusable } = readVex(bytes(document), 'app.vex.json');
    expect([statements.length, unusable.map(({ from }) => from)]).toEqual([1, ['app.vex.json, vulnerability 2']]);
  });
});

describe('a document that says too little is refused, and where', () => {
  test.each([
    ['no JSON', new TextEncoder().encode('{'), 'this is not JSON'],
    ['a name twice', new TextEncoder().encode('{"@context":"a","@context":"b"}'), 'appears twice'],
    ['a list', bytes([]), 'the document is not an object'],
    ['something else', bytes({}), 'neither OpenVEX'],
    ['an older OpenVEX', bytes({ ...OPENVEX, '@context': 'https://openvex.dev/ns' }), '@context is not'],
    ['no author', bytes({ ...OPENVEX, author: '' }), 'author is not text'],
    ['no time', bytes({ ...OPENVEX, timestamp: undefined }), 'timestamp is missing'],
    ['a time that is none', bytes({ ...OPENVEX, timestamp: 'yesterday' }), 'timestamp is not an RFC 3339 time'],
    [
      'a day that does not exist',
      bytes({ ...OPENVEX, timestamp: '2026-02-30T00:00:00Z' }),
      'timestamp is not an RFC 3339 time',
    ],
    ['no statement', bytes({ ...OPENVEX, statements: [] }), 'contains no statement'],
    ['no vulnerability', bytes(openvex({ vulnerability: undefined })), 'statement 1: vulnerability is not an object'],
    ['no product', bytes(openvex({ products: [] })), 'statement 1: it has no product'],
    ['a nameless product', bytes(openvex({ products: [{}] })), 'neither @id nor'],
    ['another status', bytes(openvex({ status: 'fine' })), 'status is "fine"'],
    ['no justification', bytes(openvex({ justification: undefined })), 'justification is missing'],
    [
      'an impact statement in its place',
      bytes(openvex({ justification: undefined, impact_statement: 'ok' })),
      'justification is missing',
    ],
    ['another justification', bytes(openvex({ justification: 'because' })), 'justification is "because"'],
    ['CycloneDX without a vulnerability', bytes({ ...CYCLONEDX, vulnerabilities: [] }), 'contains no vulnerability'],
    [
      'CycloneDX without a reason',
      bytes(cyclonedx({ analysis: { state: 'not_affected' } })),
      'justification is missing',
    ],
    ['CycloneDX with another state', bytes(cyclonedx({ analysis: { state: 'fine' } })), 'analysis.state is "fine"'],
    ['CycloneDX about nothing', bytes(cyclonedx({ affects: [] })), 'affects is empty'],
    ['CycloneDX without a time', bytes(cyclonedx({}, { metadata: {} })), 'a time of the analysis is missing'],
    [
      'CycloneDX with a name twice',
      bytes(cyclonedx({}, { components: [...CYCLONEDX.components, ...CYCLONEDX.components] })),
      'appears twice',
    ],
  ])('%s', (_, document, why) => {
    const reading = () => readVex(document, 'app.vex.json');
    expect(reading).toThrow(expect.objectContaining({ id: 'vex-invalid' }));
    expect(reading).toThrow(why);
    expect(reading).toThrow(/^VEX app\.vex\.json/);
  });
});
