import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import { finding } from '../gate/sound.fixture.ts';
import { SEVERITIES } from '../severity.ts';
import type { Place } from './fixes.ts';
import { MOST_RESULTS, type ScannedPlatform, sarifLog, scanRun, sourceRun } from './sarif.ts';
import type { SourceFinding } from './sarif-rules.ts';

const scanned = (findings: readonly Finding[], over: Partial<ScannedPlatform> = {}): ScannedPlatform => ({
  image: 'ghcr.io/acme/app',
  platform: 'linux/amd64',
  findings,
  dockerfile: 'Dockerfile',
  ...over,
});
const lint = (over: Partial<SourceFinding> = {}): SourceFinding => ({
  rule: 'base-pinned',
  level: 'warning',
  file: 'services/app/Dockerfile',
  line: 7,
  message: 'FROM debian:12 can be another image tomorrow.',
  why: 'A tag moves.',
  fix: 'Pin it by digest.',
  ...over,
});
// biome-ignore lint/suspicious/noExplicitAny: a reader of SARIF sees plain JSON
const json = (value: unknown): any => JSON.parse(JSON.stringify(value));
const fingerprintOf = (run: ReturnType<typeof scanRun>) => run.results[0]?.partialFingerprints.primaryLocationLineHash;

describe('a SARIF run of a scan', () => {
  test('holds every finding, of whatever severity', () => {
    const all = (['unknown', ...SEVERITIES] as const).map((severity, at) =>
      finding({ id: `CVE-2026-${at}`, severity }),
    );
    const { results, tool } = json(scanRun(scanned(all)));
    expect(results).toHaveLength(all.length);
    expect(tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual(worstFirst(all).map(({ id }) => id));
  });

  test.each([
    ['critical', 'error', '9.5'],
    ['high', 'error', '8.0'],
    ['medium', 'warning', '5.5'],
    ['low', 'note', '2.0'],
    ['negligible', 'note', '0.1'],
    ['unknown', 'warning', undefined],
  ] as const)('shows %s as %s, and sorts it by %s', (severity, level, score) => {
    const run = json(scanRun(scanned([finding({ severity })])));
    expect(run.results[0].level).toBe(level);
    expect(run.tool.driver.rules[0].properties['security-severity']).toBe(score);
  });

  test('is a category for each image and platform', () => {
    const ids = ['linux/amd64', 'linux/arm64'].map(
      (platform) => scanRun(scanned([], { platform })).automationDetails.id,
    );
    expect(ids).toEqual(['tidegate/scan/ghcr.io/acme/app/linux/amd64/', 'tidegate/scan/ghcr.io/acme/app/linux/arm64/']);
  });

  test('names an advisory once, however many packages have it', () => {
    const two = ['a', 'b'].map((name) => finding({ package: { name, version: '1', type: 'npm' } }));
    const { results, tool } = json(scanRun(scanned(two)));
    expect(tool.driver.rules).toHaveLength(1);
    expect(results.map((one: { ruleIndex: number }) => one.ruleIndex)).toEqual([0, 0]);
  });

  test('lands on the line that brought the package in, else on the first of the Dockerfile', () => {
    const place: Place = { file: 'build/Dockerfile', line: 12, endLine: 14 };
    const [known, unknown] = [{ placeOf: () => place }, {}].map(
      (over) => json(scanRun(scanned([finding()], over))).results[0].locations[0].physicalLocation,
    );
    expect(known).toEqual({
      artifactLocation: { uri: 'build/Dockerfile', uriBaseId: '%SRCROOT%' },
      region: { startLine: 12, endLine: 14 },
    });
    expect(unknown.region).toEqual({ startLine: 1 });
    expect(unknown.artifactLocation.uri).toBe('Dockerfile');
  });

  test('says what suppressed a finding instead of leaving it out', () => {
    const run = json(scanRun(scanned([finding()], { suppressed: () => 'app.vex.json, statement 1' })));
    expect(run.results[0].suppressions).toEqual([{ kind: 'external', justification: 'app.vex.json, statement 1' }]);
  });
});

describe('a fingerprint', () => {
  const base = fingerprintOf(scanRun(scanned([finding()])));

  test('stays when the line, the version, the severity or the fix changes', () => {
    const { name, type } = finding().package;
    const later = finding({ severity: 'low', fixedIn: ['9'], package: { name, type, version: '99' } });
    expect(fingerprintOf(scanRun(scanned([later], { placeOf: () => ({ file: 'x', line: 99 }) })))).toBe(base);
  });

  test.each<[string, ReturnType<typeof scanned>]>([
    ['another advisory', scanned([finding({ id: 'CVE-1999-1' })])],
    ['another package', scanned([finding({ package: { ...finding().package, name: 'other' } })])],
    ['another platform', scanned([finding()], { platform: 'linux/arm64' })],
    ['another image', scanned([finding()], { image: 'ghcr.io/acme/other' })],
  ])('differs for %s', (_, other) => {
    expect(fingerprintOf(scanRun(other))).not.toBe(base);
  });
});

describe('hostile text', () => {
  test.each([
    ['a link', '[click](javascript:alert(1))', /\\\[click\\\]\(javascript/],
    ['a placeholder', '{0}', /\{\{0\}\}/],
    ['HTML', '<img src=x onerror=alert(1)>', /‹img src=x onerror=alert\(1\)›/],
    ['a command of the runner', '\n::error::x', /^[^\n]*$/],
    ['an escape sequence', '\u001b[31mred', /red/],
    ['a right-to-left mark', 'a\u202eb', /a\\\\u\{\{202e\}\}b/],
  ])('in a package name does not act in a message: %s', (_, name, shown) => {
    const run = json(scanRun(scanned([finding({ package: { name, version: '1', type: 'npm' } })])));
    expect(run.results[0].message.text).toMatch(shown);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(run.results[0].message.text).not.toMatch(/[\u0000-\u001f\u202e<>]/);
  });

  test.each([
    ['../../etc/passwd', 'etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['javascript:alert(1)', 'javascript%3Aalert(1)'],
    ['a b#c?d', 'a%20b%23c%3Fd'],
    ['a\\..\\b', 'a/b'],
    ['\ud800', '%EF%BF%BD'],
    ['', 'Dockerfile'],
  ])('as a path stays below the root: %j', (file, uri) => {
    expect(json(sourceRun([lint({ file })])).results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
  });

  test.each([0, -3, Number.NaN, 1.5])('as a line becomes one that exists: %d', (line) => {
    const { region } = json(sourceRun([lint({ line })])).results[0].locations[0].physicalLocation;
    expect(region.startLine).toBeGreaterThanOrEqual(1);
    expect(Number.isInteger(region.startLine)).toBe(true);
  });

  test('as an address makes no link', () => {
    const run = json(scanRun(scanned([finding({ url: 'javascript:alert(1)' })])));
    expect(run.tool.driver.rules[0].helpUri).toBeUndefined();
  });

  test('of a hundred thousand characters is cut', () => {
    const run = json(
      scanRun(scanned([finding({ package: { name: 'x'.repeat(100_000), version: '1', type: 'npm' } })])),
    );
    expect(JSON.stringify(run).length).toBeLessThan(10_000);
  });
});

test('rules for sources have a category of their own, and say how to fix', () => {
  const { runs } = json(sarifLog([sourceRun([lint()]), scanRun(scanned([]))]));
  expect(runs[0].automationDetails.id).toBe('tidegate/source/');
  expect(runs[0].results[0].message.text).toContain('Pin it by digest.');
  expect(runs[0].results[0].locations[0].physicalLocation.region).toEqual({ startLine: 7 });
});

test.each([
  ['v1.2.3', '1.2.3'],
  ['v1', '1'],
  ['main', undefined],
  ['3d3c42e5aac5ba805825da76410c181273ba90b1', undefined],
  [undefined, undefined],
])('used as %s it names version %s', (ref, version) => {
  expect(sarifLog([sourceRun([])], ref).runs[0]?.tool.driver.version).toBe(version);
});

test('every rule has the descriptions that code scanning requires', () => {
  for (const run of [sourceRun([lint()]), scanRun(scanned([finding()]))]) {
    for (const rule of run.tool.driver.rules) {
      expect([rule.shortDescription.text, rule.fullDescription.text, rule.help?.text]).not.toContain('');
    }
  }
});

test('a message contains the fix if it is known', () => {
  const { results } = scanRun(scanned([finding()], { remedyOf: () => 'fixed by upgrading a to 2 in line 7' }));
  expect(results[0]?.message.text).toMatch(/ of linux\/amd64: fixed by upgrading a to 2 in line 7\.$/);
});

describe('the rule of an advisory', () => {
  const ruleOf = (over: Partial<Finding>, more: Partial<ScannedPlatform> = {}) =>
    json(scanRun(scanned([finding(over)], more))).tool.driver.rules[0];
  const cvss = (score: number) => ({ score, vector: 'CVSS:3.1/AV:N', version: '3.1', source: 'nvd@nist.gov' });

  test('has its title, and says in text and Markdown how to fix it', () => {
    const rule = ruleOf(
      { title: 'Prototype pollution in minimist', cvss: cvss(7.5), aliases: ['GHSA-1'], url: 'https://nvd.example/1' },
      { remedyOf: () => 'fixed by upgrading minimist to 1.2.6 in package-lock.json:812' },
    );
    expect(rule.shortDescription.text).toBe('Prototype pollution in minimist');
    expect(rule.help.text).toBe(
      'Prototype pollution in minimist. CVE-2026-0001: high, CVSS 7.5 (CVSS:3.1/AV:N, nvd@nist.gov). Also GHSA-1. Fixed by upgrading minimist to 1.2.6 in package-lock.json:812. https://nvd.example/1',
    );
    expect(rule.help.markdown.replaceAll('\\', '')).toBe(
      '**Prototype pollution in minimist**\n\n[CVE-2026-0001](https://nvd.example/1): high, CVSS 7.5 (CVSS:3.1/AV:N, nvd@<!-- -->nist.gov). Also GHSA-1.\n\n**Fix:** Fixed by upgrading minimist to 1.2.6 in package-lock.json:812.',
    );
    expect(rule).toMatchObject({ helpUri: 'https://nvd.example/1', properties: { 'security-severity': '7.5' } });
  });

  test('without a title names the package', () => {
    expect(ruleOf({}).shortDescription.text).toBe('CVE-2026-0001 in minimist');
  });

  test.each([
    ['high', 8.6, '8.6'],
    ['high', 9.8, '8.9'],
    ['negligible', 9.8, '3.9'],
    ['critical', 5, '9.1'],
    ['critical', 10, '10.0'],
    ['medium', 0, '4.0'],
    ['unknown', 6.1, '6.1'],
  ] as const)('of severity %s with CVSS %d is sorted by %s: the gate decides by severity', (severity, score, shown) => {
    expect(ruleOf({ severity, cvss: cvss(score) }).properties['security-severity']).toBe(shown);
  });

  test('a hostile title is text', () => {
    const rule = ruleOf({ title: '<img src=x>[a](javascript:b)\n# c {0}' });
    expect(rule.help.markdown).not.toMatch(/<img|\]\(javascript|\n# c/);
    expect(rule.shortDescription.text).not.toMatch(/<|\n/);
  });
});

describe("GitHub's limits", () => {
  const severities = ['low', 'critical', 'medium'] as const;
  const all = Array.from({ length: 30_000 }, (_, at) =>
    finding({
      ...{ id: `CVE-2026-${at}`, severity: severities[at % 3] ?? 'low' },
      title: `Vulnerability number ${at} of a package with a title of ordinary length`,
      package: { name: `package-${at % 500}`, version: `1.2.${at}`, type: 'npm' },
    }),
  );
  const log = json(sarifLog([scanRun(scanned(all))]));
  const [run] = log.runs;

  test('30,000 findings are cut to 25,000, the worst first, with a note that counts the rest', () => {
    expect(run.results).toHaveLength(MOST_RESULTS);
    const levels = run.results.map(({ level }: { level: string }) => level);
    expect(new Set(levels.slice(0, 10_000))).toEqual(new Set(['error']));
    expect(levels.filter((level: string) => level === 'note')).toHaveLength(5000);
    expect(run.invocations[0].toolExecutionNotifications[0].message.text).toMatch(/^5000 results of lower severity/);
  });

  test('no rule is without a result, and every result has its rule, one location and few tags', () => {
    const { rules } = run.tool.driver;
    expect(rules).toHaveLength(MOST_RESULTS);
    for (const { locations, ruleId, ruleIndex } of run.results) {
      if (rules[ruleIndex].id !== ruleId || locations.length !== 1) throw new Error(`${ruleId} has another rule`);
    }
    expect(Math.max(...rules.map((rule: { properties: { tags: unknown[] } }) => rule.properties.tags.length))).toBe(2);
  });

  test('a run of 25,000 results is far below 10 MB when compressed', () => {
    expect(gzipSync(JSON.stringify(log)).length).toBeLessThan(5_000_000);
  });

  test('a file has at most 20 runs', () => {
    expect(sarifLog(Array(25).fill(scanRun(scanned([])))).runs).toHaveLength(20);
  });

  test('fewer are kept on demand, and a short run has no note', () => {
    const short = json(sarifLog([scanRun(scanned(all.slice(0, 10)))], undefined, 4)).runs[0];
    expect([short.results.length, short.tool.driver.rules.length]).toEqual([4, 4]);
    expect(sarifLog([scanRun(scanned([finding()]))]).runs[0]).not.toHaveProperty('invocations');
  });
});

test('scans after the twentieth are left out, with a note', () => {
  const runs = (count: number) =>
    Array.from({ length: count }, (_, at) => scanRun(scanned([], { platform: `p/${at}` })));
  expect(json(sarifLog(runs(20))).runs.at(-1).invocations).toBeUndefined();
  const { runs: shown } = json(sarifLog(runs(23)));
  expect(shown).toHaveLength(20);
  expect(shown.at(-1).invocations).toEqual([
    {
      executionSuccessful: true,
      toolExecutionNotifications: [
        {
          level: 'note',
          message: { text: expect.stringMatching(/^3 more scans left out: .*The JSON report has all\.$/) },
        },
      ],
    },
  ]);
});

test('advisories that are equal in their first characters have a rule each', () => {
  const same = 'x'.repeat(300);
  const ids = [`${same}1`, `${same}2`, 'CVE-1', 'CVE-1\n'];
  const { results, tool } = json(scanRun(scanned(ids.map((id) => finding({ id })))));
  const rules = tool.driver.rules.map(({ id }: { id: string }) => id);
  expect(rules).toHaveLength(3);
  expect(new Set(rules).size).toBe(3);
  for (const id of rules) expect(id.length).toBeLessThanOrEqual(200);
  for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]).toBe(ruleId);
});
