import { describe, expect, test } from '@jest/globals';
import { fileClaims, withoutClaims } from './file-claims.ts';

interface Package {
  readonly type?: string;
  readonly name: string;
  readonly version: string;
  readonly metadata?: object;
}

const LODASH: Package = { type: 'npm', name: 'lodash', version: '4.17.20' };
const OVERLAP = 'ownership-by-file-overlap';

function claimed(owner: Package, owned: Package, relation = OVERLAP): Buffer {
  return Buffer.from(
    JSON.stringify({
      artifacts: [
        { id: 'a', type: 'deb', ...owner, metadata: { ...owner.metadata, files: [{ path: '/x' }] } },
        { id: 'b', type: 'python', ...owned, metadata: { files: [{ path: '/y' }] } },
      ],
      artifactRelationships: [
        { parent: 'a', child: 'b', type: relation },
        { parent: 'b', child: 'a', type: 'contains' },
      ],
      distro: { id: 'debian' },
    }),
  );
}

const names = (owner: Package, owned: Package) => fileClaims(claimed(owner, owned)).map((claim) => claim.names);

test('a claim says who claims what, and where it would be looked for', () => {
  const owner = {
    name: 'python3-yaml',
    version: '5.3.1-5+b1',
    metadata: { source: 'pyyaml', sourceVersion: '5.3.1-5' },
  };
  expect(fileClaims(claimed(owner, { name: 'pyyaml', version: '5.3.1' }))).toEqual([
    {
      owner: 'a',
      owned: 'b',
      by: 'deb python3-yaml 5.3.1-5+b1',
      of: 'python pyyaml 5.3.1',
      kind: 'deb',
      names: ['pyyaml'],
    },
  ]);
});

test.each<[what: string, owner: Package, owned: Package]>([
  ['versions that do not begin alike', { name: 'npm', version: '9.2.0-1' }, LODASH],
  ['two packages of systems', { name: 'a', version: '1' }, { type: 'deb', name: 'b', version: '1' }],
  ['a language package that claims another', { type: 'python', name: 'a', version: '1' }, { name: 'b', version: '1' }],
])('Grype leaves nothing out for %s', (_, owner, owned) => {
  expect(fileClaims(claimed(owner, owned))).toEqual([]);
});

test('another relationship, another document and a broken one', () => {
  expect(fileClaims(claimed({ name: 'a', version: '4' }, LODASH, 'dependency-of'))).toEqual([]);
  expect(fileClaims(Buffer.from('{"bomFormat":"CycloneDX"}'))).toEqual([]);
  expect(() => fileClaims(Buffer.from(`{"artifacts":"${OVERLAP}"}`))).toThrow(/artifacts/);
});

describe("can be the distribution's package of the other one:", () => {
  test.each<[owner: string, version: string, metadata: object, owned: string, version: string, expected: string[]]>([
    ['python3-requests', '2.28.1+dfsg-1', {}, 'requests', '2.28.1', ['python3-requests']],
    ['python3-pil', '9.4.0-1.1+deb12u1', { source: 'pillow' }, 'pillow', '9.4.0', ['pillow']],
    ['python3-dateutil', '2.8.2-2', {}, 'python-dateutil', '2.8.2', ['python3-dateutil']],
    ['python3-apt', '2.6.0', { source: 'python-apt' }, 'python-apt', '2.6.0', ['python3-apt', 'python-apt']],
    ['python3-x', '1.2.dfsg-1', {}, 'x', '1.2', ['python3-x']],
    ['node-ip', '1.1.5-5', {}, 'ip', '1.1.5', ['node-ip']],
    ['python3.11-pip', '22.3.1-1', {}, 'pip', '22.3.1', ['python3.11-pip']],
    ['golang-go', '1.19.8-2', {}, 'go', '1.19.8', ['golang-go']],
    ['libjackson2-databind-java', '2.14.0-1', {}, 'jackson-databind', '2.14.0', ['libjackson2-databind-java']],
  ])('%s %s', (name, version, metadata, owned, of, expected) => {
    expect(names({ name, version, metadata }, { name: owned, version: of })).toEqual([expected]);
  });

  test('of an rpm and an apk', () => {
    const rpm = { type: 'rpm', name: 'python3-requests', version: '2.25.1-8.el9' };
    const owned = { name: 'requests', version: '2.25.1' };
    const metadata = { sourceRpm: 'python-requests-2.25.1-8.el9.src.rpm' };
    expect(names({ ...rpm, metadata }, owned)).toEqual([['python3-requests', 'python-requests']]);
    const apk = {
      type: 'apk',
      name: 'py3-requests',
      version: '2.25.1-r0',
      metadata: { originPackage: 'py3-requests' },
    };
    expect(names(apk, owned)).toEqual([['py3-requests']]);
  });
});

describe('cannot be:', () => {
  test.each<[what: string, owner: Package, owned: Package]>([
    ['a beginning of its version', { name: 'lodash', version: '4' }, LODASH],
    ['its version and another digit', { name: 'node-lodash', version: '4.17.200-1' }, LODASH],
    ['another name', { name: 'acme', version: '4.17.20-1', metadata: { source: 'curl' } }, LODASH],
    [
      'a name in which only a common word is the same',
      { name: 'python3-acme', version: '1-1' },
      { name: 'python-jose', version: '1' },
    ],
    [
      'a name that a short one is in by chance',
      { name: 'gzip', version: '1.1.5-1', metadata: { source: 'iproute2' } },
      { type: 'npm', name: 'ip', version: '1.1.5' },
    ],
    [
      'a source of another version',
      { name: 'node-lodash', version: '4.17.20-1', metadata: { source: 'node-lodash', sourceVersion: '99' } },
      LODASH,
    ],
    [
      'a version that begins all',
      { name: 'app', version: 'v' },
      { type: 'go-module', name: 'example.org/app', version: 'v0.3.7' },
    ],
    ['no version', { name: 'app', version: '1' }, { type: 'go-module', name: 'example.org/app', version: '' }],
    [
      'a wheel that claims a program',
      { type: 'python', name: 'node', version: '18' },
      { type: 'binary', name: 'node', version: '18' },
    ],
  ])('%s', (_, owner, owned) => {
    expect(names(owner, owned)).toEqual([[]]);
  });
});

test('a document without a claim keeps everything else', () => {
  const document = claimed({ name: 'acme', version: '4' }, LODASH);
  const left = JSON.parse(Buffer.from(withoutClaims(document, fileClaims(document))).toString());
  expect(left).toEqual({
    artifacts: [
      { id: 'a', type: 'deb', name: 'acme', version: '4', metadata: { files: [] } },
      { id: 'b', ...LODASH, metadata: { files: [{ path: '/y' }] } },
    ],
    artifactRelationships: [{ parent: 'b', child: 'a', type: 'contains' }],
    distro: { id: 'debian' },
  });
  const kept = JSON.parse(Buffer.from(withoutClaims(document, [{ owner: 'a', owned: 'c' }])).toString());
  expect(kept.artifactRelationships).toHaveLength(2);
});
