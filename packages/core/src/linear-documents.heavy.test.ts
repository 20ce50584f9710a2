/** Documents and lists from outside that core reads: eight times as many entries take eight times as long. */
import { describe, expect, test } from '@jest/globals';
import { growthOf, LINEAR_GROWTH } from '@tidegate/testkit';
import { secretsInConfig } from './contents/secrets.ts';
import type { Finding } from './finding.ts';
import { mergedFinding } from './gate/merge-findings.ts';
import { AMD64, finding, IMAGE, judge, NOW, STRICT, scanned } from './gate/sound.fixture.ts';
import { suppress } from './gate/suppressed.ts';
import { MAX_POLICY_BYTES, readPolicyFile } from './policy-file/read.ts';
import { reportHtml } from './report/html/page.ts';
import { mergeFindings } from './report/merged.ts';
import { sarifLog, scanRun } from './report/sarif.ts';
import { summaryMarkdown } from './report/summary/summary.ts';
import { planTags } from './tags/plan-tags.ts';
import { onTag } from './tags/tags.fixture.ts';
import { readVex } from './vex/document.ts';

const { digest } = IMAGE.root;
const list = <T>(length: number, of: (at: number) => T): T[] =>
  Array.from({ length: Math.ceil(length) }, (_, at) => of(at));
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const row = <T>(what: string, inputOf: (length: number) => T, work: (input: T) => unknown) =>
  [what, () => growthOf<T>(work, inputOf)] as const;

const packageOf = (name: string, qualifiers = '') => ({
  ...{ name, version: '1.2.3', type: 'npm', purl: `pkg:npm/${name}@1.2.3${qualifiers}` },
});
const manyPackages = (length: number) => list(length / 64, (at) => finding({ package: packageOf(`a${at}`) }));
const manyAdvisories = (length: number) =>
  list(length / 64, (at) => finding({ id: `CVE-${at}`, package: packageOf('a') }));
/** One package in this many folders of an image. */
const manyPlaces = (length: number) =>
  list(length / 64, (at) => finding({ locations: [`/${at}`], fixedIn: [`${at}`], aliases: [`A-${at}`] }));
const manyArchitectures = (length: number) =>
  list(length / 64, (at) => finding({ package: packageOf('a', `?arch=a${at}`), locations: [`/${at}`] }));

const openVex = (statements: readonly unknown[]) =>
  bytes({
    ...{ '@context': 'https://openvex.dev/ns/v0.2.0', author: 'a', timestamp: '2026-01-01T00:00:00Z' },
    statements,
  });
const stated = (id: string, products: readonly string[], aliases: readonly string[] = []) => ({
  vulnerability: { name: id, aliases },
  products: products.map((product) => ({ '@id': product })),
  ...{ status: 'not_affected', justification: 'component_not_present' },
});
const cycloneVex = (length: number) =>
  bytes({
    bomFormat: 'CycloneDX',
    metadata: { timestamp: '2026-01-01T00:00:00Z' },
    components: list(length / 64, (at) => ({ 'bom-ref': `${at}`, purl: `pkg:npm/a${at}@1.2.3` })),
    vulnerabilities: list(length / 64, (at) => ({
      ...{ id: `CVE-${at}`, analysis: { state: 'resolved' }, affects: [{ ref: `${at}` }] },
    })),
  });
const vexOf = (document: Buffer) => readVex(document, 'vex.json');

interface Suppressed {
  readonly findings: readonly Finding[];
  readonly policy: Parameters<typeof suppress>[0];
}
const suppresses = ({ findings, policy }: Suppressed) =>
  suppress(policy, IMAGE, AMD64.descriptor.digest, findings, NOW);
const suppressing = (findings: readonly Finding[], statements: readonly unknown[]): Suppressed => ({
  findings,
  policy: { ...STRICT, vex: vexOf(openVex(statements)).statements },
});

const scanOf = (findings: readonly Finding[]) => {
  const found = scanned(findings).find((each) => each.kind === 'scan');
  if (found?.kind !== 'scan') throw new Error('the fixture has no scan');
  return found;
};
const merges = (findings: readonly Finding[]) => {
  const scan = scanOf(findings);
  return mergeFindings(['linux/amd64', 'linux/arm64'].map((platform) => ({ platform, scan })));
};
const tells = (findings: readonly Finding[]) => [
  summaryMarkdown({
    ...{ name: 'a', image: IMAGE, policy: STRICT, verdict: judge(scanned(findings)) },
    platforms: [{ platform: 'linux/amd64', scan: scanOf(findings) }],
  }),
  JSON.stringify(sarifLog([scanRun({ image: 'a', platform: 'linux/amd64', findings, dockerfile: 'Dockerfile' })])),
  reportHtml({
    ...{ name: 'a', digest, rules: [] },
    platforms: [
      {
        ...{ platform: 'linux/amd64', digest, layers: [], packages: [] },
        findings: findings.map((each) => ({ ...each, blocking: true })),
      },
    ],
  }),
];
const named = (text: string) => [finding({ id: text, package: packageOf(text), locations: [text], fixedIn: [text] })];

describe('eight times the entries take eight times the time', () => {
  test.each([
    row('OpenVEX with statements', (n) => openVex(list(n / 64, (at) => stated(`C-${at}`, ['pkg:npm/a@1']))), vexOf),
    row(
      'OpenVEX with products',
      (n) =>
        openVex([
          stated(
            'C-1',
            list(n / 64, (at) => `pkg:npm/a${at}@1`),
          ),
        ]),
      vexOf,
    ),
    row(
      'OpenVEX with aliases',
      (n) =>
        openVex([
          stated(
            'C-1',
            ['pkg:npm/a@1'],
            list(n / 64, (at) => `G-${at}`),
          ),
        ]),
      vexOf,
    ),
    row('CycloneDX VEX', cycloneVex, vexOf),
    row(
      'one statement a package',
      (n) =>
        suppressing(
          manyPackages(n),
          list(n / 64, (at) => stated(`CVE-${at}`, [`pkg:npm/a${at}@1.2.3`])),
        ),
      suppresses,
    ),
    row(
      'one statement about all packages',
      (n) =>
        suppressing(manyPackages(n), [
          stated(
            'CVE-2026-0001',
            list(n / 64, (at) => `pkg:npm/a${at}@1.2.3`),
          ),
        ]),
      suppresses,
    ),
    row(
      'one statement an advisory',
      (n) =>
        suppressing(
          manyAdvisories(n),
          list(n / 64, (at) => stated(`CVE-${at}`, ['pkg:npm/a@1.2.3'])),
        ),
      suppresses,
    ),
    row('findings at many places, as one', manyPlaces, (found) => mergedFinding(found as [Finding, ...Finding[]])),
    row('findings of many platforms, as one', manyArchitectures, merges),
    row('findings of many packages, as a report', manyPackages, tells),
    row('findings of one package, as a report', manyAdvisories, tells),
    row(
      'findings at many places, as a report',
      (n) => [mergedFinding(manyPlaces(n) as [Finding, ...Finding[]])],
      tells,
    ),
    row(
      'git tags',
      (n) =>
        onTag(
          'v1.2.3',
          list(n / 16, (at) => `v1.${at}.0`),
        ),
      (state) => planTags(state, { now: NOW }),
    ),
    row(
      'layers in the history of an image',
      (n) => JSON.stringify({ history: list(n / 64, (at) => ({ created_by: `RUN |1 A=b${at} /bin/sh -c a` })) }),
      secretsInConfig,
    ),
  ])('%s', (_, growth) => expect(growth()).toBeLessThan(LINEAR_GROWTH));

  test.each(['<', '`', '|', '\\', '&', '\n', '](', '%', '/', '@', ':', '\u202e', '\ud800', '"', 'a '])(
    'fields of a report that hold %j',
    (piece) => expect(growthOf((text) => tells(named(text)), piece)).toBeLessThan(LINEAR_GROWTH),
  );
});

describe('a policy as long as may be is read or refused in seconds', () => {
  const ignore = (at: number) => `  - { id: CVE-${at}, package: "pkg:npm/*", reason: r, expires: 2030-01-01 }\n`;
  test.each([
    ['keys', (at: number) => `k${at}: 1\n`],
    ['the same key', () => 'ignore: []\n'],
    ['entries', (at: number) => (at === 0 ? 'ignore:\n' : ignore(at))],
    ['items', (at: number) => (at === 0 ? 'require:\n' : `  - a${at}\n`)],
    ['a text of many lines', (at: number) => (at === 0 ? 'a: |\n' : '  a\n')],
    ['comments', () => '# a\n'],
    ['anchors and aliases', (at: number) => `k${at}: &a${at} [*a${at - 1}]\n`],
    ['quotes', () => '"'],
    ['brackets', () => '[a: {'],
    ['indents', (at: number) => `${' '.repeat(at % 64)}- a:\n`],
    ['blanks', () => ' '],
    ['tabs', () => '\t- '],
    ['documents', () => '---\n'],
    ['stars', () => '*a '],
  ])('of %s', async (_, piece) => {
    let text = 'version: 1\n';
    for (let at = 0; text.length < MAX_POLICY_BYTES - 128; at += 1) text += piece(at);
    const began = process.cpuUsage();
    await readPolicyFile(Buffer.from(text), 'policy').catch(() => undefined);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(10);
  });
});
