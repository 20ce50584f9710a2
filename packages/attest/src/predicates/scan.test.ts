import { describe, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { IMAGE, json, RUN, recorded, SCANNED } from '../sound.fixture.ts';
import { makeStatement } from '../statement/statement.ts';
import { type ScanRun, scanEvidenceOf, scanStatement } from './scan.ts';

// biome-ignore lint/suspicious/noExplicitAny: reports and predicates are spoilt in ways their type does not allow
type Json = any;

const statementOf = (report: Json) => scanStatement([{ digest: SCANNED }], json(report), RUN).statement;
const evidenceOfReport = (report: Json) => scanEvidenceOf(statementOf(report), SCANNED);
const predicateOf = (): Json => structuredClone(statementOf(recorded('grype')).predicate);

describe('scanStatement', () => {
  test("is cosign's vulnerability predicate round the report", () => {
    expect(predicateOf()).toMatchObject({
      invocation: {
        parameters: [
          ...[`sbom=${RUN.sbom}`, 'threshold=high', 'tripped=true', 'only-fixed=false'],
          'database-source=https://grype.example/databases',
          `database-checksum=${RUN.database.checksum}`,
          `program-digest=${RUN.program?.digest}`,
          'program-release=https://github.com/anchore/grype/releases/download/v0.119.0/grype.tar.gz',
          'covered=none',
        ],
      },
      scanner: {
        uri: 'pkg:github/anchore/grype@v0.119.0',
        version: '0.119.0',
        db: { uri: 'https://grype.example/databases', version: 'v6.1.9', lastUpdate: '2026-11-24T20:55:20.000Z' },
        result: { matches: [{ vulnerability: { id: 'GO-2022-1059' } }] },
      },
      metadata: { scanStartedOn: '2026-11-24T20:55:40.000Z', scanFinishedOn: '2026-11-24T20:55:50.000Z' },
    });
  });

  test('publishes neither the configuration nor a path nor a credential of the machine that scanned', () => {
    const text = JSON.stringify(predicateOf());
    expect(text).not.toContain('/home/runner');
    expect(text).not.toContain('configuration');
    expect(text).not.toContain('user:token');
    expect(text).toContain('https://mirror.example/v6/');
  });

  test.each<[string, (report: Json) => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(), 'is empty'],
    ['a usage text', () => Buffer.from('Usage: grype [flags]'), 'not JSON'],
    ['half a report', (r) => json(r).subarray(0, 400), 'not JSON'],
    ['null', () => json(null), 'expected'],
    ['an empty object', () => json({}), 'is missing'],
    ['an empty list', () => json([]), 'is missing'],
    [
      'a report with another key named matches',
      (r) => Buffer.from(`{"matches":[],${Buffer.from(json(r)).toString().slice(1)}`),
      'appears twice',
    ],
    ['a report without matches', ({ matches, ...r }) => json(r), 'matches is missing'],
    ['matches that are null', (r) => json({ ...r, matches: null }), 'matches: expected'],
    [
      'a match without a vulnerability',
      (r) => json({ ...r, matches: [{ ...r.matches[0], vulnerability: undefined }] }),
      'vulnerability is missing',
    ],
    [
      'a report of another scanner',
      (r) => json({ ...r, descriptor: { ...r.descriptor, name: 'trivy' } }),
      'descriptor.name',
    ],
    [
      'a report that names no database',
      (r) => json({ ...r, descriptor: { ...r.descriptor, db: {} } }),
      'status is missing',
    ],
    ['a database that is not valid', (r) => json(withStatus(r, { valid: false })), 'valid: expected true'],
    ['a database without a date', (r) => json(withStatus(r, { built: undefined })), 'built is missing'],
    ['a database with a date that is none', (r) => json(withStatus(r, { built: '2026-13-45T99:00:00Z' })), 'RFC 3339'],
    ['a report of a folder', (r) => json({ ...r, source: { type: 'directory', target: '.' } }), 'source.type'],
    [
      'a report of another image',
      (r) => json({ ...r, source: { type: 'image', target: { manifestDigest: IMAGE } } }),
      `"${IMAGE}", not for ${SCANNED}`,
    ],
  ])('refuses %s as a report', (_, spoil, why) => {
    expect(() => scanStatement([{ digest: SCANNED }], spoil(recorded('grype')), RUN)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });
});

describe('coverage of the scanner', () => {
  const evidenceOf = (report: Json, run: Partial<ScanRun> = {}) =>
    scanEvidenceOf(scanStatement([{ digest: SCANNED }], json(report), { ...RUN, ...run }).statement, SCANNED);
  const report = (more: object) => ({ ...recorded('grype'), ...more });

  test.each<[string, object, string | undefined]>([
    ['a distribution', { name: 'debian', version: '12', idLike: [] }, 'debian 12'],
    ['a rolling distribution', { name: 'wolfi', version: '', idLike: [] }, 'wolfi'],
    ['none', { name: '', version: '', idLike: null }, undefined],
  ])('%s', (_, distro, expected) => expect(evidenceOf(report({ distro })).distribution).toBe(expected));

  test('the kinds of packages that the database has advisories for, and the release that stands in', () => {
    expect(evidenceOf(report({}), { covered: ['deb', 'rpm'], standIn: 'debian 12' })).toMatchObject({
      covered: ['deb', 'rpm'],
      standIn: 'debian 12',
    });
    expect(evidenceOf(report({}), { covered: [] }).covered).toEqual([]);
  });

  test('how many packages are of a release that gets no more advisories', () => {
    const eol = { package: { name: 'libc6' }, alerts: [{ type: 'distro-eol', message: 'x' }] };
    const other = { package: { name: 'libc6' }, alerts: [{ type: 'something new', message: 'x' }] };
    expect(evidenceOf(report({ alertsByPackage: [eol, other, eol] })).endOfLife).toBe(2);
  });

  test('twice the same parameter is refused', () => {
    const { statement } = scanStatement([{ digest: SCANNED }], json(report({})), RUN);
    const twice = structuredClone(statement) as Json;
    twice.predicate.invocation.parameters.push('covered=deb');
    expect(() => scanEvidenceOf(twice, SCANNED)).toThrow('must contain covered exactly once');
  });
});

describe('scanEvidenceOf', () => {
  test('reads back what was scanned, with what, when and what was found', () => {
    expect(evidenceOfReport(recorded('grype'))).toEqual({
      kind: 'scan',
      subject: SCANNED,
      sbom: RUN.sbom,
      covered: [],
      endOfLife: 0,
      scanner: { name: 'grype', version: '0.119.0' },
      program: RUN.program,
      database: {
        built: new Date('2026-11-24T20:55:20Z'),
        schema: 'v6.1.9',
        ...RUN.database,
        providers: ['debian', 'github', 'govulndb', 'kev', 'nvd'],
      },
      finishedOn: RUN.finishedOn,
      findings: [
        {
          id: 'GO-2022-1059',
          severity: 'high',
          fix: 'fixed',
          fixedIn: ['0.3.8'],
          package: {
            name: 'golang.org/x/text',
            version: 'v0.3.7',
            type: 'go-module',
            purl: 'pkg:golang/golang.org/x/text@v0.3.7',
          },
          locations: ['/app'],
          aliases: ['CVE-2022-32149', 'GHSA-69ch-w2m2-3vjp'],
          url: 'https://go.dev/issue/56152',
          title:
            'An attacker may cause a denial of service by crafting an Accept-Language header which ParseAcceptLanguage will take…',
          cvss: {
            score: 7.5,
            vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
            version: '3.1',
            source: 'nvd@nist.gov',
          },
          risk: 0,
        },
      ],
      suppressed: 0,
      scannerTripped: true,
      scannerThreshold: 'high',
      onlyFixed: false,
    });
  });

  test('takes known attacks, the highest EPSS of all names, and the risk', () => {
    const report = recorded('grype');
    const [match] = report.matches;
    match.vulnerability.epss = [{ cve: 'CVE-1', epss: 0.2, percentile: 0.5, date: '2026-11-24' }];
    match.vulnerability.risk = 12.5;
    match.relatedVulnerabilities[0].epss = [{ cve: 'CVE-2', epss: 0.7, percentile: 0.9, date: '2026-11-24' }];
    match.relatedVulnerabilities[0].knownExploited = [{ cve: 'CVE-2', knownRansomwareCampaignUse: 'Unknown' }];
    expect(evidenceOfReport(report).findings[0]).toMatchObject({ knownExploited: true, epss: 0.7, risk: 12.5 });
  });

  test.each([
    ['an EPSS above one', (match: Json) => ({ ...match.vulnerability, epss: [{ epss: 7 }] })],
    ['an EPSS in words', (match: Json) => ({ ...match.vulnerability, epss: [{ epss: 'high' }] })],
    ['a risk below zero', (match: Json) => ({ ...match.vulnerability, risk: -1 })],
    ['known attacks that are no list', (match: Json) => ({ ...match.vulnerability, knownExploited: {} })],
  ])('refuses %s', (_, spoil) => {
    const report = recorded('grype');
    report.matches[0].vulnerability = spoil(report.matches[0]);
    expect(() => evidenceOfReport(report)).toThrow('vulnerability.');
  });

  test.each<[string, (match: Json) => Json, object]>([
    ['one more location', (m) => at(m, '/usr/bin/app'), { locations: ['/app', '/usr/bin/app'] }],
    ['a higher severity', (m) => rated(m, 'Critical'), { severity: 'critical' }],
    ['a lower severity', (m) => rated(m, 'Low'), { severity: 'high' }],
    ['no severity', (m) => rated(m, 'Unknown'), { severity: 'high' }],
    ['no fix', (m) => fixed(m, 'not-fixed', []), { fix: 'fixed', fixedIn: ['0.3.8'] }],
    ['another fix', (m) => fixed(m, 'fixed', ['0.4.0']), { fixedIn: ['0.3.8', '0.4.0'] }],
  ])('the same advisory twice with %s is one finding, with the higher severity', (_, change, expected) => {
    const [match, report] = [recorded('grype').matches[0], recorded('grype')];
    for (const matches of [
      [match, change(match)],
      [change(match), match],
    ]) {
      const { findings } = evidenceOfReport({ ...report, matches });
      expect(findings).toHaveLength(1);
      const [finding] = findings;
      const sorted = { ...finding, locations: finding?.locations.toSorted(), fixedIn: finding?.fixedIn.toSorted() };
      expect(sorted).toMatchObject(expected);
    }
  });

  test('a package of another type, or another package URL, is another finding', () => {
    const [match, report] = [recorded('grype').matches[0], recorded('grype')];
    const gem = { ...match, artifact: { ...match.artifact, type: 'gem', purl: 'pkg:gem/text@0.3.7' } };
    const renamed = { ...match, artifact: { ...match.artifact, purl: 'pkg:golang/example.com/text@v0.3.7' } };
    expect(evidenceOfReport({ ...report, matches: [match, gem, renamed, match] }).findings).toHaveLength(3);
  });

  test('another version of the package, or another advisory, is another finding', () => {
    const [match, report] = [recorded('grype').matches[0], recorded('grype')];
    const version = { ...match, artifact: { ...match.artifact, version: 'v0.3.6' } };
    const advisory = { ...match, vulnerability: { ...match.vulnerability, id: 'GO-2021-0113' } };
    expect(evidenceOfReport({ ...report, matches: [match, version, advisory] }).findings).toHaveLength(3);
  });

  test('an empty fix state, as Grype writes what it does not know, is unknown', () => {
    const report = recorded('grype');
    const { findings } = evidenceOfReport({ ...report, matches: [fixed(report.matches[0], '', null)] });
    expect(findings[0]).toMatchObject({ fix: 'unknown', fixedIn: [] });
  });

  const headers = { name: 'linux-libc-dev', language: '', type: 'deb', 'upstream-name': 'linux' };
  const rule = { namespace: '', package: headers, 'match-type': 'exact-indirect-match' };
  test.each<[string, Json, number]>([
    ['no match that was left out', [], 0],
    ["matches of kernel headers, left out by Grype's own rule", [{ appliedIgnoreRules: [rule] }], 0],
    [
      'a match left out by a rule of somebody',
      [{ appliedIgnoreRules: [{ namespace: '', vulnerability: 'CVE-1' }] }],
      1,
    ],
    [
      "a match left out by Grype's own rule and one of somebody",
      [{ appliedIgnoreRules: [rule, { namespace: '' }] }],
      1,
    ],
    ["Grype's own rule, narrowed to an advisory", [{ appliedIgnoreRules: [{ ...rule, vulnerability: 'CVE-1' }] }], 1],
    [
      'the same rule for another package',
      [{ appliedIgnoreRules: [{ ...rule, package: { ...headers, name: 'openssl' } }] }],
      1,
    ],
    ['matches left out for no reason that is told', [{ appliedIgnoreRules: [] }, {}, null], 3],
  ])('counts as suppressed: %s', (_, ignoredMatches, suppressed) => {
    expect(evidenceOfReport({ ...recorded('grype'), ignoredMatches }).suppressed).toBe(suppressed);
  });

  test.each<[string, (predicate: Json) => void, string]>([
    ['no parameters', (p) => void delete p.invocation.parameters, 'parameters is missing'],
    ['no SBOM named', (p) => void p.invocation.parameters.shift(), 'sbom exactly once'],
    ['two SBOMs named', (p) => void p.invocation.parameters.push(`sbom=${digestOf('x')}`), 'sbom exactly once'],
    [
      'an SBOM that is no digest',
      (p) => void p.invocation.parameters.splice(0, 1, 'sbom=sbom.json'),
      'sbom is not a digest',
    ],
    [
      'a checksum of the database that is no digest',
      (p) => void p.invocation.parameters.splice(5, 1, 'database-checksum=md5:0'),
      'database-checksum is not a digest',
    ],
    ['no server of the database', (p) => void p.invocation.parameters.splice(4, 1), 'database-source exactly once'],
    ['two servers', (p) => void p.invocation.parameters.push('database-source=x'), 'database-source exactly once'],
    [
      'a program without a digest',
      (p) => void p.invocation.parameters.splice(6, 1, 'program-digest=x'),
      'program-digest is not a digest',
    ],
    ['no threshold', (p) => void p.invocation.parameters.splice(1, 1), 'threshold exactly once'],
    ['an empty threshold', (p) => void p.invocation.parameters.splice(1, 1, 'threshold='), 'threshold exactly once'],
    ['tripped: yes', (p) => void p.invocation.parameters.splice(2, 1, 'tripped=yes'), 'neither true nor false'],
    [
      'another scanner version',
      (p) => Object.assign(p.scanner, { version: '0.1.0' }),
      'different scanners or databases',
    ],
    [
      'another database version',
      (p) => Object.assign(p.scanner.db, { version: 'v5' }),
      'different scanners or databases',
    ],
    ['no report', (p) => void delete p.scanner.result, 'result is missing'],
    [
      'a report of another image',
      (p) => Object.assign(p.scanner.result.source.target, { manifestDigest: IMAGE }),
      ', not for',
    ],
    [
      'a severity nobody knows',
      (p) => Object.assign(p.scanner.result.matches[0].vulnerability, { severity: 'Grave' }),
      'severity',
    ],
    [
      'a fix state nobody knows',
      (p) => Object.assign(p.scanner.result.matches[0].vulnerability.fix, { state: 'soon' }),
      'fix.state',
    ],
    [
      'a match without a package name',
      (p) => Object.assign(p.scanner.result.matches[0].artifact, { name: '' }),
      'artifact.name',
    ],
    [
      'ignored matches that are no list',
      (p) => Object.assign(p.scanner.result, { ignoredMatches: {} }),
      'ignoredMatches',
    ],
    ['no end', (p) => void delete p.metadata.scanFinishedOn, 'scanFinishedOn is missing'],
    [
      'an end before its beginning',
      (p) => Object.assign(p.metadata, { scanFinishedOn: '2020-01-01T00:00:00Z' }),
      'before it started',
    ],
    ['a time of no zone', (p) => Object.assign(p.metadata, { scanFinishedOn: '2026-11-24T20:55:50' }), 'RFC 3339'],
  ])('refuses a scan with %s', (_, spoil, why) => {
    const predicate = predicateOf();
    spoil(predicate);
    const { statement } = makeStatement(statementOf(recorded('grype')).predicateType, [{ digest: SCANNED }], predicate);
    expect(() => scanEvidenceOf(statement, SCANNED)).toThrow(
      expect.objectContaining({ kind: 'evidence', message: expect.stringContaining(why) }),
    );
  });

  test('refuses a statement about another image, and one of another kind', () => {
    const statement = statementOf(recorded('grype'));
    expect(() => scanEvidenceOf(statement, IMAGE)).toThrow('another image');
    expect(() => scanEvidenceOf({ ...statement, predicateType: 'https://example.com' }, SCANNED)).toThrow('not a scan');
  });
});

function withStatus(report: Json, change: object): Json {
  const { descriptor } = report;
  return { ...report, descriptor: { ...descriptor, db: { status: { ...descriptor.db.status, ...change } } } };
}

function at(match: Json, path: string): Json {
  return { ...match, artifact: { ...match.artifact, locations: [{ path }] } };
}

function rated(match: Json, severity: string): Json {
  return { ...match, vulnerability: { ...match.vulnerability, severity } };
}

function fixed(match: Json, state: string, versions: string[] | null): Json {
  return { ...match, vulnerability: { ...match.vulnerability, fix: { state, versions } } };
}
