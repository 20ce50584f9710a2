/** For tests: policy files, valid ones and what comes of them by a few changes. The same for the same seed. */

/** mulberry32: the same numbers on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const SHA256 = 'ab'.repeat(32);

/** Every key, with every kind of value that it takes. */
export const VALID: Readonly<Record<string, readonly Json[]>> = {
  preset: ['strict', 'recommended', 'no-worse', 'observe'],
  extends: [
    [],
    [{ git: 'https://github.com/acme/policy', commit: 'a'.repeat(40) }],
    [{ git: 'ssh://git@example.org:22/acme/policy.git', commit: 'a'.repeat(64), path: 'a/b.yml' }],
    [{ oci: `ghcr.io/acme/policy@sha256:${SHA256}` }],
    [{ file: 'policies/base.yml', sha256: SHA256 }],
  ],
  vulnerabilities: [
    {},
    { 'fail-on': 'high' },
    { 'fail-on': { fixed: 'low', 'not-fixed': 'none', 'wont-fix': 'critical', unknown: 'negligible' } },
    { 'unknown-severity': 'fail', 'only-fixed': true, 'fix-grace': '7d', 'known-exploited': 'report' },
    { 'already-live': 'report', 'max-epss': 0.5, 'max-risk': 100, 'max-ignore-time': '1d12h', 'allow-vex': false },
  ],
  ignore: [
    [],
    [{ id: 'CVE-2026-0001', package: 'pkg:npm/lodash@4.17.20', reason: 'Not reached.', expires: '2027-01-31' }],
    [{ id: 'GHSA-x', package: 'pkg:deb/debian/*', reason: 'é', expires: '2028-02-29' }],
  ],
  vex: [[], ['security/app.openvex.json', 'a']],
  distribution: [{}, { 'stand-ins': [{ image: 'acmeos 1.0', as: 'debian 12', reason: 'x' }], 'end-of-life': 'fail' }],
  licenses: [
    {},
    { allow: ['MIT', 'BSD-*', 'GPL-2.0-only WITH Classpath-exception-2.0'], deny: ['AGPL-*'], unknown: 'fail' },
    { except: ['pkg:npm/@acme/tool', 'pkg:*/**'] },
  ],
  packages: [{}, { deny: ['pkg:npm/event-stream', 'pkg:pypi/PyYAML@5.*'] }],
  'base-images': [
    {},
    { allow: ['gcr.io/distroless/*', 'localhost:5000/a', '*/b'], 'max-age': '30d', undated: 'report' },
  ],
  image: [
    { 'max-size': '64m', 'max-layers': 12, 'non-root': true, users: ['app', 65532, 'app:app'] },
    { 'max-size': 1048576, ports: ['8080/tcp', 53], healthcheck: true, labels: ['a.b'], volumes: ['/data'] },
    { 'max-size': '1.5 GiB' },
  ],
  contents: [
    { secrets: 'fail', history: 'report', setuid: 'fail', shells: 'fail', 'package-managers': 'fail' },
    { state: 'report', devices: 'fail', 'state-paths': ['/var/lib/x'] },
    { allow: [{ kind: 'setuid', path: '/usr/bin/*', reason: 'x', expires: '2027-01-01' }] },
  ],
  evidence: [{ require: ['sbom', 'scan'], 'max-scan-age': '24h', 'allow-empty-sbom': true }],
  database: [{ 'max-age': '5d', 'fallback-max-age': '0d', mirrors: ['https://grype.anchore.io/databases'] }],
  tools: ['pinned', 'any'],
  sources: [{}, { levels: { 'root-user': 'error', 'base-latest': 'off' } }],
  registries: [{ allow: ['ghcr.io/acme/*'] }],
};

export function validDocument(random: Random): Json {
  const chosen = Object.entries(VALID).filter(() => random() < 0.35);
  return Object.fromEntries([
    ['version', 1 as Json],
    ...chosen.map(([key, values]) => [key, pick(random, values)] as const),
  ]);
}

/** Values that readers and schemas are apt to read differently. */
const STRANGE: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    1e3,
    1e21,
    1e-7,
    4096.5,
    2 ** 53,
    '',
    ' ',
    '\t',
    '\n',
    '\u00a0',
    '\ufeff',
    'a\u0000b',
  ],
  ...['1', '1.10', '0x10', '1e3', 'true', 'null', '~', '5', '5d', '5D', ' 5d', '5d ', '-5d', '5d5', '99999999d', '0d'],
  ...[
    '1d'.repeat(9),
    '5d\n',
    '9'.repeat(30),
    '64m',
    '64 m',
    '64  m',
    '1.5.5m',
    '1.',
    '.5m',
    '64M',
    '64Mib',
    '64b',
    '64k ib',
  ],
  ...[
    '99999999t',
    '999999999999t',
    '9999999999999t',
    '2026-02-30',
    '2028-02-29',
    '2027-02-29',
    '0000-01-01',
    '9999-12-31',
  ],
  ...[
    '2026-1-1',
    '2026-01-01T00:00:00Z',
    '2026-00-10',
    '2026-13-01',
    '2026-01-32',
    'HIGH',
    'High',
    'high ',
    'none',
    'fail',
  ],
  ...['pkg:npm/a', 'PKG:NPM/a', 'pkg:npm', 'pkg:npm/', 'pkg:/npm/a', 'pkg://npm/a', 'pkg:npm/a?x=1', 'pkg:npm/a#b'],
  ...[
    'pkg:deb/libc6',
    'pkg:nope/a',
    'pkg:n*/a',
    'pkg:npm/a b',
    'pkg:npm/%',
    'pkg:npm/%41@',
    'pkg:npm/{a,b}',
    'pkg:pypi/a/b',
  ],
  ...[
    `pkg:npm/${'a'.repeat(991)}`,
    `pkg:npm/${'a'.repeat(992)}`,
    `pkg:npm/${'é'.repeat(500)}`,
    `pkg:npm/${'😀'.repeat(500)}`,
  ],
  ...['MIT', 'mit', 'MIT OR Apache-2.0', 'MIT AND Apache-2.0', 'NOPE', 'AGPL-*', '*', '(MIT)', 'MIT ', 'LicenseRef-a'],
  ...[`${'MIT OR '.repeat(140)}MIT`, `${'MIT OR '.repeat(200)}MIT`, '('.repeat(200)],
  ...['docker.io/library/debian', 'debian', 'localhost/a', 'ghcr.io', 'ghcr.io/', 'ghcr.io/A', 'ghcr.io/a:1', 'a*/b'],
  ...[
    'ghcr.io:443/a',
    'ghcr.io:/a',
    'ghcr.io:999999/a',
    `ghcr.io/${'a'.repeat(991)}`,
    `ghcr.io/${'a'.repeat(993)}`,
    '*/*',
  ],
  ...[
    '/abs',
    'a/../b',
    '..',
    '.',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    'C:/a',
    'c:a',
    '...',
    '..a',
    'a/..b',
    'a\u0085b',
    `${'a/'.repeat(2047)}a`,
  ],
  ...[`${'a/'.repeat(2048)}a`, `/${'a'.repeat(4095)}`, `/${'a'.repeat(4096)}`, '/a b', '/a\u2028b', '/'],
  ...[
    `ghcr.io/a@sha256:${SHA256}`,
    `a@sha256:${SHA256}`,
    `ghcr.io/A@sha256:${SHA256}`,
    ` ghcr.io/a@sha256:${SHA256}`,
    SHA256,
  ],
  ...[
    'https://a.example/x',
    'http://a.example:80',
    'https://u:p@a.example',
    'https://a.example/?q',
    'https://[::1]:1/',
    'ftp://a/b',
  ],
  ...[
    'https://github.com/a/b',
    'git@github.com:a/b',
    'https://-a/b',
    'https://a',
    'a'.repeat(40),
    'A'.repeat(40),
    'a'.repeat(41),
  ],
  ...['8080/tcp', '8080/TCP', '8080', '808080', '8080/', 65535, 65536, 8080.5, 'app:app', '-1', 4294967295, 4294967296],
  ...[
    'debian 12',
    'Debian 12',
    'debian  12',
    'CVE-1',
    '1-CVE',
    'CVE 1',
    'CVE-1\n',
    '\ud800',
    '__proto__',
    'constructor',
  ],
  ...[[], [[]], [null], ['a'], [1], {}, { a: 1 }, { version: 1 }, { fixed: 'high' }, { fixed: 'high', more: 'low' }],
  ...[{ git: 'https://a.example/b', commit: 'a'.repeat(40), oci: 'x' }, { git: 'https://a.example/b' }, { file: 'a' }],
  ...[Array.from({ length: 9 }, () => ({ file: 'a', sha256: SHA256 })), Array.from({ length: 1001 }, () => 'a')],
];
const KEYS = [
  'version',
  'preset',
  'fail-on',
  'x',
  '__proto__',
  'constructor',
  'toString',
  '',
  'path',
  'git',
  'fixed',
  'expires',
];
const CHARACTERS = [
  '*',
  '/',
  '.',
  ':',
  '@',
  '%',
  '-',
  ' ',
  '\n',
  '\u0000',
  '\u007f',
  '\\',
  '"',
  'é',
  '😀',
  '0',
  '9',
  'a',
  'A',
  '{',
  '[',
];

/** At most two of its nodes replaced, left out, named otherwise, or changed in a character. */
export function changedDocument(document: Json, random: Random): Json {
  let changed = document;
  for (let round = Math.floor(random() * 3); round > 0; round -= 1) changed = changeOne(changed, random);
  return changed;
}

function changeOne(node: Json, random: Random): Json {
  if (Array.isArray(node)) return changedList(node, random);
  if (typeof node === 'object' && node !== null) return changedObject(node as { readonly [key: string]: Json }, random);
  if (typeof node === 'string' && random() < 0.5) return changedText(node, random);
  return pick(random, STRANGE);
}

function changedList(list: readonly Json[], random: Random): Json {
  const at = Math.floor(random() * list.length);
  const chance = random();
  if (chance < 0.05) return pick(random, STRANGE);
  if (list.length === 0 || chance < 0.2) return [...list, pick(random, STRANGE)];
  if (chance < 0.25) return [...list, ...list];
  if (chance < 0.3) return list.toSpliced(at, 1);
  return list.with(at, changeOne(list[at] ?? null, random));
}

function changedObject(object: { readonly [key: string]: Json }, random: Random): Json {
  const entries = Object.entries(object);
  const at = Math.floor(random() * entries.length);
  const chance = random();
  if (chance < 0.03) return pick(random, STRANGE);
  if (entries.length === 0 || chance < 0.1) return ofEntries([...entries, [pick(random, KEYS), pick(random, STRANGE)]]);
  if (chance < 0.15) return ofEntries(entries.toSpliced(at, 1));
  const [key, value] = entries[at] ?? ['', null];
  return ofEntries(entries.with(at, [chance < 0.18 ? pick(random, KEYS) : key, changeOne(value, random)]));
}

/** With `__proto__` as a key like any other, as a parser makes it. */
function ofEntries(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}

function changedText(text: string, random: Random): string {
  const characters = [...text];
  const at = Math.floor(random() * (characters.length + 1));
  const chance = random();
  if (chance < 0.3) return characters.toSpliced(at, 1).join('');
  if (chance < 0.6) return characters.toSpliced(at, 0, pick(random, CHARACTERS)).join('');
  if (chance < 0.9) return characters.toSpliced(at, 1, pick(random, CHARACTERS)).join('');
  return text.repeat(2);
}
