/**
 * Documents that a run leaves, by the schemas that their formats' authors publish: SPDX 2.3, CycloneDX 1.6, SARIF 2.1.0
 * (and by Microsoft's validator, with GitHub's rules), in-toto and SLSA by in-toto's own definitions. OpenVEX is read
 * here and not written: what is taken is valid by go-vex.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Finding, manifestsOf, readVex, sarifLog, scanRun, sourceRun } from '@tidegate/core';
import { openTarget, readStatements } from '@tidegate/pipeline';
import { type BundleResult, devTools, npmTool } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { ownSchema, publishedSchemas, type Validate } from '../support/published-schemas.ts';
import { stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const run = promisify(execFile);
const suite = await theSuite();
const stages = stagesOf(suite);
let schemas: Awaited<ReturnType<typeof publishedSchemas>>;
let reader = '';
let multitool = '';
let folder = '';
let layout = '';
let refused: BundleResult;
const jobs: Job[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(suite.folder, 'schemas-'));
  const signed = await stages('signed');
  layout = signed.layout;
  const job = await newJob(suite, { app: 'vulnerable' });
  jobs.push(signed.job, job);
  [schemas, { 'attestation-reader': reader }, multitool, refused] = await Promise.all([
    publishedSchemas(),
    devTools(['attestation-reader']),
    npmTool('@microsoft/sarif-multitool-linux', '5.7.0', 'Sarif.Multitool'),
    job.run('ship', { image: `${suite.registries.olareg}/schemas/vulnerable` }, { env: { GITHUB_ACTION_REF: 'v1' } }),
  ]);
}, 900_000);
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const json = async (path: string | undefined) => JSON.parse(await readFile(path ?? '', 'utf8'));

describe('SBOMs', () => {
  const files = (kind: string) => join(layout, '..', 'sbom', `sbom.linux-amd64.${kind}.json`);

  test('are SPDX 2.3', async () => {
    expect(schemas.spdx(await json(files('spdx')))).toEqual([]);
  });

  test('are CycloneDX 1.6', async () => {
    expect(schemas.cyclonedx(await json(files('cyclonedx')))).toEqual([]);
  });

  test('by a schema that refuses what is none', async () => {
    const [spdx, cyclonedx] = await Promise.all([json(files('spdx')), json(files('cyclonedx'))]);
    expect(schemas.spdx({ ...spdx, packages: [{ name: 7 }] })).not.toEqual([]);
    expect(schemas.cyclonedx({ ...cyclonedx, components: [{ type: 'thing', name: 'x' }] })).not.toEqual([]);
  });
});

/** A finding whose every text is hostile. */
const hostile = (text: string): Finding => ({
  ...{ id: text, severity: 'high', fix: 'fixed', fixedIn: [text], locations: [text], aliases: [text], url: text },
  package: { name: text, version: text, type: text, purl: text },
});
const TEXTS = [
  '',
  '\u0000',
  '[x](javascript:y)',
  '{0}',
  'a\u202eb',
  '\ud800',
  '../../x',
  '<img src=x>',
  'x'.repeat(10_000),
];

async function multitoolSays(log: unknown): Promise<readonly string[]> {
  const [input, output] = [join(folder, 'log.sarif'), join(folder, 'said.sarif')];
  await writeFile(input, JSON.stringify(log));
  const argv = ['validate', input, '--output', output, '--log', 'ForceOverwrite', '--rule-kind', 'Sarif;Ghas'];
  // It ends with 0 or 1, and says the rest in its own log.
  await run(multitool, argv, { env: { PATH: process.env.PATH, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' } }).catch(
    () => {},
  );
  const [said] = (await json(output)).runs;
  return (said.results ?? []).map(
    (one: { ruleId: string; level?: string; message: { arguments?: readonly string[] } }) =>
      `${one.level ?? 'warning'} ${one.ruleId} ${(one.message.arguments ?? []).join(' ')}`,
  );
}

describe('SARIF', () => {
  const withTexts = () =>
    sarifLog([
      scanRun({ image: 'a/b', platform: 'linux/amd64', findings: TEXTS.map(hostile), dockerfile: '' }),
      sourceRun(
        TEXTS.map((text) => ({
          ...{ rule: text, level: 'error', file: text, line: 0, message: text, why: text, fix: text },
        })),
      ),
    ]);

  test('of a refused image is SARIF 2.1.0, and nothing that Microsoft or GitHub would complain of', async () => {
    const log = await json(refused.outputs['sarif-path']);
    expect(log.runs.some((one: { results: readonly unknown[] }) => one.results.length > 0)).toBe(true);
    expect(schemas.sarif(log)).toEqual([]);
    expect(await multitoolSays(log)).toEqual([]);
  });

  test('of hostile names likewise', async () => {
    const log = JSON.parse(JSON.stringify(withTexts()));
    expect(schemas.sarif(log)).toEqual([]);
    expect((await multitoolSays(log)).filter((line) => line.startsWith('error'))).toEqual([]);
  });

  test('by validators that refuse what is none', async () => {
    const [log] = [JSON.parse(JSON.stringify(withTexts()))];
    log.runs[0].results[0].level = 'grave';
    expect(schemas.sarif(log)).not.toEqual([]);
    log.runs[0].results[0].level = 'error';
    delete log.runs[0].results[0].locations;
    expect(await multitoolSays(log)).not.toEqual([]);
  });
});

async function readerSays(kind: 'statement' | 'openvex', documents: readonly Uint8Array[]): Promise<readonly string[]> {
  const place = await mkdtemp(join(folder, 'documents-'));
  const argv = await Promise.all(
    documents.map(async (bytes, at) => {
      const path = join(place, String(at));
      await writeFile(path, bytes);
      return `${kind}:${path}`;
    }),
  );
  return JSON.parse((await run(reader, argv)).stdout);
}

describe('in-toto', () => {
  const statements = async () => {
    const target = await openTarget(layout);
    const held = await Promise.all(manifestsOf(target.image).map((one) => readStatements(target, one)));
    return held.flat();
  };

  test('statements are read by in-toto, provenance and verdicts by its definitions of SLSA', async () => {
    const found = await statements();
    expect(new Set(found.map(({ predicateType }) => predicateType)).size).toBe(5);
    expect(
      await readerSays(
        'statement',
        found.map(({ bytes }) => bytes),
      ),
    ).toEqual(found.map(() => ''));
  });

  test('by a reader that refuses what is none', async () => {
    const [first] = await statements();
    const said = JSON.parse(Buffer.from(first?.bytes ?? []).toString());
    const spoilt = [
      { ...said, subject: [] },
      { ...said, _type: 'x' },
      { ...said, more: 1 },
      { ...said, predicate: 1 },
    ];
    const bytes = spoilt.map((one) => Buffer.from(JSON.stringify(one)));
    expect((await readerSays('statement', bytes)).filter((line) => line === '')).toEqual([]);
  });
});

describe('OpenVEX', () => {
  const STATEMENT = {
    vulnerability: { name: 'CVE-2026-0001' },
    products: [{ '@id': 'pkg:npm/minimist@1.2.3' }],
    status: 'not_affected',
    justification: 'vulnerable_code_not_in_execute_path',
  };
  const document = (over: object) =>
    Buffer.from(
      JSON.stringify({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.com/vex/1', author: 'Acme' },
        ...{ timestamp: '2026-11-01T00:00:00Z', version: 1, statements: [{ ...STATEMENT, ...over }] },
      }),
    );

  const GOOD: readonly object[] = [
    {},
    { status: 'fixed', justification: undefined },
    { status: 'affected', justification: undefined, action_statement: 'Upgrade.' },
    { status: 'under_investigation', justification: undefined },
  ];
  test('that go-vex takes is taken', async () => {
    const documents = GOOD.map(document);
    expect(await readerSays('openvex', documents)).toEqual(GOOD.map(() => ''));
    for (const one of documents) expect(readVex(one, 'a.json').statements).toHaveLength(1);
  });

  const BAD: readonly object[] = [
    { status: 'harmless' },
    { status: undefined },
    { justification: 'nobody_looks' },
    { justification: undefined },
  ];
  test('that go-vex refuses is not taken', async () => {
    const documents = BAD.map(document);
    expect((await readerSays('openvex', documents)).filter((line) => line === '')).toEqual([]);
    for (const one of documents) expect(() => readVex(one, 'a.json')).toThrow();
  });
});

describe('JSON of everything', () => {
  let validate: Validate;
  beforeAll(async () => {
    validate = await ownSchema('tidegate-report.schema.json');
  });

  test('of a refused image is what its schema says, and names line and remedy', async () => {
    const report = await json(refused.outputs['json-path']);
    expect(validate(report)).toEqual([]);
    const [platform] = report.platforms;
    expect(platform.findings.find((one: Finding) => one.id === 'GO-2022-1059')).toMatchObject({
      ...{ blocking: true, place: 'Dockerfile:3', fixedIn: ['0.3.8'] },
      remedy: expect.stringMatching(/^fixed by upgrading golang\.org\/x\/text to 0\.3\.8 in line 3/),
    });
    expect(report.verdict.passed).toBe(false);
    expect(report.source).toEqual(expect.any(Array));
  });

  test('by a schema that refuses what is none', async () => {
    const report = await json(refused.outputs['json-path']);
    expect(validate({ ...report, version: 2 })).not.toEqual([]);
    expect(validate({ ...report, more: 1 })).not.toEqual([]);
  });
});
