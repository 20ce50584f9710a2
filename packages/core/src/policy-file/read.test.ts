import { describe, expect, test } from '@jest/globals';
import { hasKind } from '../error.ts';
import { readPolicyFile } from './read.ts';

const FILE = '.github/tidegate.yml';
const read = (text: string | Uint8Array) =>
  readPolicyFile(typeof text === 'string' ? new TextEncoder().encode(text) : text, FILE);

const HASH = 'ab'.repeat(32);
const COMMIT = 'ab'.repeat(20);

/** Every key. */
const WHOLE = `# A comment, which stays where it is.
version: 1
preset: strict
extends:
  - git: https://github.com/acme/policy
    commit: ${COMMIT}
    path: tidegate.yml
  - oci: ghcr.io/acme/policy@sha256:${HASH}
  - file: policies/base.yml
    sha256: ${HASH}
vulnerabilities:
  fail-on: { fixed: medium, not-fixed: critical, wont-fix: none }
  unknown-severity: report # Go's own advisories have none
  only-fixed: false
  fix-grace: 3d
  known-exploited: fail
  max-epss: 0.4
  max-risk: 60
  max-ignore-time: 90d
  allow-vex: true
ignore:
  - id: CVE-2026-0001
    package: pkg:npm/@acme/tool@1.0.0
    reason: "Our input never reaches it: see #12."
    expires: 2027-01-31
vex: [security/app.openvex.json]
licenses:
  allow: [MIT, Apache-2.0, GPL-2.0-only WITH Classpath-exception-2.0, BSD-*]
  deny: [AGPL-*]
  unknown: fail
  except: ['pkg:golang/github.com/acme/*']
packages:
  deny: [pkg:npm/event-stream]
base-images:
  allow: [gcr.io/distroless/*, docker.io/library/debian]
  max-age: 60d
  undated: report
image:
  max-size: 200m
  max-layers: 20
  non-root: true
  users: [65532, app]
  ports: [8080/tcp]
  volumes: [/data]
  healthcheck: true
  labels: [org.opencontainers.image.source]
contents:
  secrets: fail
  history: fail
  setuid: fail
  shells: report
  package-managers: report
  state: fail
  devices: fail
  state-paths: [/data]
  allow:
    - kind: setuid
      path: /usr/bin/su
      reason: Its user is root anyway.
      expires: 2027-01-31
evidence:
  require: [provenance, sbom, scan]
  max-scan-age: 12h
  allow-empty-sbom: false
database:
  max-age: 3d
  fallback-max-age: 2d12h
registries:
  allow: [ghcr.io/acme/*]
`;

test('every key is read', async () => {
  const policy = await read(WHOLE);
  expect(policy).toMatchObject({
    extends: [
      { kind: 'git', url: 'https://github.com/acme/policy', commit: COMMIT, path: 'tidegate.yml' },
      { kind: 'oci', reference: `ghcr.io/acme/policy@sha256:${HASH}` },
      { kind: 'file', path: 'policies/base.yml', sha256: HASH },
    ],
    vulnerabilities: { 'fail-on': { fixed: 'medium', 'not-fixed': 'critical', 'wont-fix': 'none' }, 'max-epss': 0.4 },
    ignore: [{ id: 'CVE-2026-0001', from: `${FILE}:22`, expires: new Date('2027-02-01T00:00:00Z') }],
    image: { 'max-size': 200 * 1024 * 1024, users: [['65532', 'app']], ports: [['8080/tcp']] },
    database: { 'max-age': 3 * 86_400_000, 'fallback-max-age': 2.5 * 86_400_000 },
    registries: { allow: [['ghcr.io/acme/*']] },
  });
});

test('the least policy is its version', async () => expect(await read('version: 1')).toEqual({ version: 1 }));

test('Windows line ends and a byte order mark change nothing', async () => {
  expect(await read(`\uFEFF${WHOLE.replaceAll('\n', '\r\n')}`)).toEqual(await read(WHOLE));
});

const V = 'version: 1\n';
const under = (section: string, line: string) => `${V}${section}:\n  ${line}\n`;
const entry = (over: Readonly<Record<string, string | undefined>> = {}) => {
  const lines = Object.entries({
    id: 'CVE-2026-0001',
    package: 'pkg:npm/tool',
    reason: 'Because.',
    expires: '2027-01-31',
    ...over,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
  return `${V}ignore:\n  - ${lines.join('\n    ')}\n`;
};
const deep = (levels: number) => `${V}image: ${'['.repeat(levels)}${']'.repeat(levels)}`;

/** The file, and the complete error for it. */
const BAD: readonly (readonly [why: string, text: string | Uint8Array, said: string])[] = [
  ['nothing', '', '1:1: the policy is empty; it must begin with version: 1.'],
  ['white space', ' \n\t\n', '1:1: the policy is empty; it must begin with version: 1.'],
  ['a comment alone', '# nothing\n', '1:1: got nothing, expected the keys'],
  ['no UTF-8', new Uint8Array([0xff, 0xfe, 0x00]), '1:1: the policy is not UTF-8 text.'],
  ['too much', `${V}#${'x'.repeat(600_000)}`, '1:1: the policy has 600012 bytes; the maximum is 524288.'],
  ['a list', '- 1', '1:1: got a list, expected the keys version'],
  ['a word', 'strict', '1:1: got "strict", expected the keys version'],
  ['JSON cut short', '{"version": 1', 'this is not unambiguous YAML'],
  ['two documents', `${V}---\n${V}`, '2:1: this is not unambiguous YAML'],
  ['a tab for indentation', `${V}image:\n\tmax-layers: 3`, '3:1: this is not unambiguous YAML'],
  ['an unclosed quote', `${V}vex: ["a`, 'this is not unambiguous YAML'],
  ['a key twice', `${V}image: {}\nimage: {}`, '3:1: this is not unambiguous YAML: Map keys must be unique'],
  [
    'a key twice further in',
    under('image', 'max-layers: 3\n  max-layers: 300'),
    '4:3: this is not unambiguous YAML: Map keys must be unique',
  ],
  ['an anchor', under('image', 'users: &a [app]'), '3:13: the anchor &a is not allowed: write out each value.'],
  ['an alias', `${V}image: &a {}\ndatabase: *a`, '2:11: the anchor &a is not allowed'],
  ['an alias of nothing', `${V}database: *a`, '2:11: the alias *a is not allowed: write out the value.'],
  [
    'a bomb of aliases',
    `a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]`,
    '1:7: the anchor &a is not allowed',
  ],
  ['a merge key', `${V}image:\n  <<: {max-layers: 3}`, '3:3: image.<<: unknown key'],
  [
    'a tag',
    under('image', 'max-layers: !!int "3"'),
    '3:21: the tag tag:yaml.org,2002:int is not allowed: write the value without a tag.',
  ],
  ['a tag of its own', under('image', 'max-layers: !env LAYERS'), 'this is not unambiguous YAML'],
  ['a directive', `%YAML 1.1\n---\n${V}`, '1:1: YAML directives are not allowed in a policy.'],
  ['a key that is a list', `${V}? [a]\n: 1`, '2:3: a key must be plain text.'],
  ['a key that is a number', `${V}1: 2`, '2:1: a key must be plain text.'],
  ['brackets without end', deep(5000), '1:1: the policy is nested too deeply.'],
  ['brackets with spaces', `${V}image: ${'[ '.repeat(80)}`, '1:1: the policy is nested too deeply.'],
  ['nesting', deep(20), 'the policy is nested too deeply.'],
  ['no version', 'image: {}', '1:1: version: this required key is missing.'],
  ['another version', 'version: 2', '1:10: version: got "2", expected 1.'],
  ['a version in quotes', 'version: "1"', '1:10: version: got "1", expected 1.'],
  ['an empty section', `${V}image:`, '2:7: image: got nothing, expected the keys max-size'],
  [
    'a slip',
    `${V}vulnerabilites: {}`,
    '2:1: vulnerabilites: unknown key, expected version, preset, extends, vulnerabilities',
  ],
  ['a slip, with what was meant', `${V}vulnerabilites: {}`, 'Did you mean vulnerabilities?'],
  ['the British spelling', `${V}licences: {}`, 'Did you mean licenses?'],
  [
    'underscores',
    under('vulnerabilities', 'fail_on: high'),
    '3:3: vulnerabilities.fail_on: unknown key, expected fail-on, unknown-severity',
  ],
  ['camel case', under('vulnerabilities', 'failOn: high'), 'Did you mean fail-on?'],
  ['a key in the wrong place', `${V}fail-on: high`, 'It belongs under vulnerabilities.'],
  ['a section in the wrong place', under('image', 'ignore: []'), 'It belongs at the top.'],
  ['a key of every object', `${V}constructor: 1`, '2:1: constructor: unknown key'],
  ['the prototype', `${V}__proto__: {}`, '2:1: __proto__: unknown key'],
  [
    'no severity',
    under('vulnerabilities', 'fail-on: hihg'),
    '3:12: vulnerabilities.fail-on: got "hihg", expected negligible, low, medium, high, critical or none. Did you mean high?',
  ],
  ['a severity in capitals', under('vulnerabilities', 'fail-on: HIGH'), 'Did you mean high?'],
  [
    'a list of severities',
    under('vulnerabilities', 'fail-on: [high]'),
    '3:12: vulnerabilities.fail-on: got a list, expected negligible, low',
  ],
  [
    'no state of a fix',
    under('vulnerabilities', 'fail-on: {fix: high}'),
    '3:13: vulnerabilities.fail-on.fix: unknown key, expected fixed, not-fixed, wont-fix or unknown.',
  ],
  [
    'a yes',
    under('vulnerabilities', 'only-fixed: yes'),
    '3:15: vulnerabilities.only-fixed: got "yes", expected true or false.',
  ],
  [
    'a truth in quotes',
    under('vulnerabilities', "only-fixed: 'true'"),
    '3:15: vulnerabilities.only-fixed: got "true", expected true or false.',
  ],
  [
    'neither word',
    under('vulnerabilities', 'unknown-severity: warn'),
    '3:21: vulnerabilities.unknown-severity: got "warn", expected fail or report.',
  ],
  [
    'a percentage',
    under('vulnerabilities', 'max-epss: 40%'),
    '3:13: vulnerabilities.max-epss: got "40%", expected a number from 0 to 1.',
  ],
  [
    'an EPSS above one',
    under('vulnerabilities', 'max-epss: 40'),
    '3:13: vulnerabilities.max-epss: got "40", expected a number from 0 to 1.',
  ],
  [
    'no number',
    under('vulnerabilities', 'max-risk: .nan'),
    '3:13: vulnerabilities.max-risk: got ".nan", expected a number from 0 to 100.',
  ],
  [
    'a number below zero',
    under('vulnerabilities', 'max-risk: -1'),
    '3:13: vulnerabilities.max-risk: got "-1", expected a number from 0 to 100.',
  ],
  [
    'a number of days without a unit',
    under('database', 'max-age: 5'),
    '3:12: database.max-age: got "5", expected a duration such as 5d, 36h or 1d12h.',
  ],
  [
    'a duration in words',
    under('database', 'max-age: five days'),
    '3:12: database.max-age: got "five days", expected a duration',
  ],
  ['no value', under('database', 'max-age:'), '3:11: database.max-age: got nothing, expected a duration'],
  [
    'a size below zero',
    under('image', 'max-size: -5m'),
    '3:13: image.max-size: got "-5m", expected a size such as 64m',
  ],
  [
    'a part of a layer',
    under('image', 'max-layers: 2.5'),
    '3:15: image.max-layers: got "2.5", expected a whole number from 0 to 4096.',
  ],
  [
    'a port by name',
    under('image', 'ports: [http]'),
    '3:11: image.ports[1]: got "http", expected a port such as 8080/tcp.',
  ],
  ['a port and no list', under('image', 'ports: 8080'), '3:10: image.ports: got "8080", expected a list.'],
  [
    'a volume that is no path',
    under('image', 'volumes: [/a, data]'),
    '3:17: image.volumes[2]: got "data", expected an absolute path.',
  ],
  [
    'no evidence',
    under('evidence', 'require: [sbmo]'),
    '3:13: evidence.require[1]: got "sbmo", expected provenance, sbom, scan, tests, reproduced, verdict or signature. Did you mean sbom?',
  ],
  [
    'a predicate type of Tidegate',
    under('evidence', 'require: [sbom, { predicate: "https://slsa.dev/provenance/v1" }]'),
    '3:32: evidence.require[2].predicate: got "https://slsa.dev/provenance/v1", expected an absolute URI that is not a type of Tidegate, such as https://example.com/review/v1. Write a type that Tidegate does not write itself; provenance requires this one.',
  ],
  [
    'no licence',
    under('licenses', 'allow: [MIT, Apache2]'),
    '3:16: licenses.allow[2]: got "Apache2", expected an SPDX licence.',
  ],
  [
    'two licences at once',
    under('licenses', 'deny: [MIT AND ISC]'),
    '3:10: licenses.deny[1]: got "MIT AND ISC", expected an SPDX licence.',
  ],
  [
    'a package by name',
    under('packages', 'deny: [lodash]'),
    '3:10: packages.deny[1]: got "lodash", expected a package URL',
  ],
  [
    'a base without a registry',
    under('base-images', 'allow: [debian]'),
    '3:11: base-images.allow[1]: got "debian", expected a repository with its registry',
  ],
  [
    'a base with a tag',
    under('base-images', 'allow: ["docker.io/library/debian:12"]'),
    'expected a repository with its registry, such as docker.io/library/debian or ghcr.io/acme/*, without tag and digest.',
  ],
  [
    'a registry alone',
    under('registries', 'allow: [ghcr.io]'),
    '3:11: registries.allow[1]: got "ghcr.io", expected a repository',
  ],
  ['an entry without a reason', entry({ reason: undefined }), '3:5: ignore[1].reason: this required key is missing.'],
  ['an entry with an empty reason', entry({ reason: '" "' }), '5:13: ignore[1].reason: got " ", expected text.'],
  ['an entry without a day', entry({ expires: undefined }), '3:5: ignore[1].expires: this required key is missing.'],
  [
    'a day that is none',
    entry({ expires: '2027-02-30' }),
    '6:14: ignore[1].expires: got "2027-02-30", expected a day as YYYY-MM-DD, quoted or not.',
  ],
  [
    'a day the other way round',
    entry({ expires: '31.01.2027' }),
    '6:14: ignore[1].expires: got "31.01.2027", expected a day',
  ],
  ['an entry for ever', entry({ expires: 'never' }), '6:14: ignore[1].expires: got "never", expected a day'],
  ['an entry for every package', entry({ package: "'*'" }), '4:14: ignore[1].package: got "*", expected a package URL'],
  [
    'an entry for every advisory',
    entry({ id: "'*'" }),
    '3:9: ignore[1].id: got "*", expected an id such as CVE-2026-0001.',
  ],
  [
    'an entry that is an id alone',
    `${V}ignore: [CVE-2026-0001]`,
    '2:10: ignore[1]: got "CVE-2026-0001", expected the keys id, package, reason and expires.',
  ],
  [
    'VEX outside the repository',
    `${V}vex: [../app.json]`,
    '2:7: vex[1]: got "../app.json", expected a relative path in the repository, with / and without ...',
  ],
  [
    'an absolute path',
    `${V}vex: [/etc/vex.json]`,
    '2:7: vex[1]: got "/etc/vex.json", expected a relative path in the repository',
  ],
  [
    'extends without a pin',
    `${V}extends: [{git: "https://github.com/acme/policy"}]`,
    '2:11: extends[1].commit: this required key is missing.',
  ],
  [
    'extends by branch',
    `${V}extends: [{git: "https://github.com/acme/policy", commit: main}]`,
    '2:59: extends[1].commit: got "main", expected a commit of 40 or 64 hex digits.',
  ],
  [
    'extends by a short commit',
    `${V}extends: [{git: "https://github.com/acme/policy", commit: abc1234}]`,
    'extends[1].commit: got "abc1234", expected a commit of 40 or 64 hex digits.',
  ],
  [
    'extends through another protocol',
    `${V}extends: [{git: "ext::sh -c id", commit: ${COMMIT}}]`,
    '2:17: extends[1].git: got "ext::sh -c id", expected an https or ssh URL without a password.',
  ],
  [
    'extends with a password',
    `${V}extends: [{git: "https://me:secret@github.com/acme/policy", commit: ${COMMIT}}]`,
    'extends[1].git: got',
  ],
  [
    'extends by tag',
    `${V}extends: [{oci: "ghcr.io/acme/policy:1"}]`,
    '2:17: extends[1].oci: got "ghcr.io/acme/policy:1", expected a reference pinned by digest',
  ],
  [
    'extends of two kinds',
    `${V}extends: [{oci: a, file: b}]`,
    '2:11: extends[1]: got keys with values, expected one of the keys git, oci or file, with its pin.',
  ],
  ['extends by name', `${V}extends: [acme]`, '2:11: extends[1]: got "acme", expected one of the keys git, oci or file'],
  ['a file without its hash', `${V}extends: [{file: a.yml}]`, '2:11: extends[1].sha256: this required key is missing.'],
  ['workflow commands', `${V}"::error::x": 1`, '2:1: ::error::x: unknown key'],
];

describe('a policy that is wrong', () => {
  test.each(BAD)('%s', async (_, text, said) => {
    const error = await read(text).catch((caught: unknown) => caught);
    if (!hasKind(error, 'bad-input')) throw error;
    expect(error.message).toContain(said);
    for (const line of error.message.split('\n'))
      expect(line).toMatch(/^\.github\/tidegate\.yml:\d+:\d+: .+\.|^And \d+ more\.$|\?$/);
    expect(error.message.length).toBeLessThan(4000);
    expect(error.next).toContain('Correct');
  });

  test('all that is wrong is said at once, up to ten things', async () => {
    const text = `${V}image:\n${Array.from({ length: 12 }, (_, at) => `  key-${at}: 1\n`).join('')}`;
    const error = await read(text).catch((caught: unknown) => caught);
    if (!hasKind(error, 'bad-input')) throw error;
    expect(error.message.split('\n')).toHaveLength(11);
    expect(error.message).toMatch(/\nAnd 2 more\.$/);
  });
});
