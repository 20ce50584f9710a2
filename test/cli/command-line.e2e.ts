/** The command line in a fresh clone, against the actions on the same commit. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, parseCommandLoosely, printedLines } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop, type Ran } from './terminal.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const host = suite.registries.olareg;
const TOOLS = ['--tools', suite.tools];
const SHIP = [
  ...TOOLS,
  ...['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')],
  ...['--key-file', suite.key.private],
];

async function commit(app: 'sound' | 'vulnerable', files: Readonly<Record<string, string>> = {}): Promise<Job> {
  const job = await newJob(suite, { app, files });
  jobs.push(job);
  return job;
}

const document = (ran: Ran) => JSON.parse(ran.stdout);
/** Nothing that a terminal or a runner obeys. */
function expectHarmless({ stdout, stderr }: Ran): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(printedLines(text).filter((line) => parseCommandLoosely(line))).toEqual([]);
  }
}

describe('tidegate ship in a fresh clone', () => {
  const image = `${host}/cli/ship`;
  let laptop: Laptop;
  let shipped: Ran;
  let inCi: BundleResult;

  beforeAll(async () => {
    const job = await commit('sound');
    laptop = await cloneOf(job, suite);
    inCi = await job.run('ship', { image: `${host}/ci/ship` });
    shipped = await laptop.run(['ship', image, '--json', ...SHIP]);
    if (shipped.exitCode !== 0) throw new Error(shipped.stderr);
  });

  test('gives the digest and the verdict of the action on the same commit', () => {
    const { outputs, verdict, findings, exitCode } = document(shipped);
    expect(inCi.exitCode).toBe(0);
    expect(exitCode).toBe(0);
    expect(outputs.digest).toBe(inCi.outputs.digest);
    expect(verdict).toBe(inCi.outputs.verdict);
    expect(findings).toMatchObject({ high: Number(inCi.outputs.high) });
    expect(outputs['all-references']).toBe(`${image}@${outputs.digest}`);
  });

  test('sets the same tags', async () => {
    const tags = async (name: string) => (await repositoryView(host, name).allTags()).toSorted();
    expect(await tags('cli/ship')).toEqual(await tags('ci/ship'));
    expect(await tags('cli/ship')).toContain('main');
  });

  test('prints the log on stderr, without workflow commands, and a summary in a file', async () => {
    expect(shipped.stderr).toContain(`Published: ${image}@sha256:`);
    expectHarmless(shipped);
    expect(await readFile(document(shipped).summary, 'utf8')).toMatch(/^## ✅ Published /);
  });

  test('tidegate verify accepts the image with the key, and refuses it with another one', async () => {
    const verified = await laptop.run(['verify', `${image}:main`, '--verification-key', suite.key.public]);
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('verified   true') });
    const other = await laptop.run([
      'verify',
      `${image}:main`,
      '--workflow',
      'acme/app/.github/workflows/x.yml',
      '--json',
    ]);
    expect(other.exitCode).toBe(3);
    expect(document(other)).toMatchObject({ exitCode: 3, error: { code: 'TG6005' }, outputs: { verified: 'false' } });
  });

  test('ships again: the layout of the last run is replaced', async () => {
    expect((await laptop.run(['ship', image, ...SHIP])).exitCode).toBe(0);
  });

  test('--dry-run says what would be pushed where, and pushes nothing', async () => {
    const dry = await laptop.run(['ship', `${host}/cli/dry`, '--dry-run', ...SHIP]);
    expect(dry).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/publish +true\n.*\nimages +\S+\/cli\/dry\ntags +main/),
    });
    expect(dry.stderr).toMatch(/^Dry run: nothing is published\.\nWill publish: push of branch main\.$/m);
    expect(dry.stderr).not.toContain('Published');
    expect(await repositoryView(host, 'cli/dry').allTags()).toEqual([]);
  });
});

describe('step by step', () => {
  test('build, sbom, scan, sign and push share the layout of the clone', async () => {
    const laptop = await cloneOf(await commit('sound'), suite);
    const steps = [
      ['build', ...TOOLS],
      ['sbom', ...TOOLS],
      ['scan', ...SHIP.slice(0, 6)],
      ['sign', '--key-file', suite.key.private],
      ['push', `${host}/cli/steps`],
    ];
    for (const step of steps) expect(await laptop.run(step)).toMatchObject({ exitCode: 0 });
    expect(await repositoryView(host, 'cli/steps').allTags()).toContain('main');
  });
});

describe('a vulnerable commit', () => {
  test('exits 3, names the rule, and sets no tag', async () => {
    const laptop = await cloneOf(await commit('vulnerable'), suite);
    const refused = await laptop.run(['ship', `${host}/cli/refused`, '--json', ...SHIP]);
    expect(refused.exitCode).toBe(3);
    expect(document(refused)).toMatchObject({
      ...{ command: 'ship', exitCode: 3, verdict: 'fail', findings: { high: 1 } },
      error: { code: 'TG6001', message: expect.stringContaining('severity-threshold') },
    });
    expect(refused.stderr).toContain('✗ The gate failed');
    expect(refused.stderr).not.toMatch(/^ +at /m);
    expect(await repositoryView(host, 'cli/refused').allTags()).not.toContain('main');
  });
});

describe('wrong use exits 2', () => {
  let laptop: Laptop;
  beforeAll(async () => {
    laptop = await cloneOf(await commit('sound'), suite);
  });

  test.each([
    [['ship'], 'TG1801'],
    [['ship', `${host}/cli/usage`, '--fail-on', 'worst', ...SHIP], 'TG1002'],
    [['shp'], 'TG1801'],
    [['ship', `${host}/cli/usage`, '--key', 'x'], 'TG1801'],
    [['ship', `${host}/cli/usage`, '--ref', 'refs/tags/v1'], 'TG1802'],
  ])('%j', async (argv, code) => {
    const ran = await laptop.run([...argv, '--json']);
    expect([ran.exitCode, document(ran).error.code]).toEqual([2, code]);
  });

  test('an uncommitted change is judged, and not published', async () => {
    await writeFile(join(laptop.clone, 'note.txt'), 'x');
    const refused = await laptop.run(['ship', `${host}/cli/changed`, ...SHIP]);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('note.txt differs from commit') });
    const judged = await laptop.run(['ship', `${host}/cli/changed`, '--no-publish', '--json', ...SHIP]);
    expect(document(judged)).toMatchObject({ exitCode: 0, verdict: 'pass', outputs: { published: 'false' } });
    expect(await repositoryView(host, 'cli/changed').allTags()).toEqual([]);
  });
});

test('hostile names of files and branches do not reach the terminal raw', async () => {
  const laptop = await cloneOf(await commit('sound'), suite);
  const branch = 'x/\u009b31m\u202e##error';
  await laptop.git('checkout', '--quiet', '-b', branch);
  await writeFile(join(laptop.clone, '\u001b]8;;https:evil\u0007::error::\u001b[2J\r##[error]x'), 'x');
  const planned = await laptop.run(['plan', `${host}/cli/hostile`, '--default-branch', 'main', '--debug']);
  expect(planned.stderr).toContain('differs from commit');
  expect(planned.stdout + planned.stderr).toContain('::error::');
  expectHarmless(planned);
  const json = await laptop.run(['plan', `${host}/cli/hostile`, '--default-branch', 'main', '--json']);
  expect(document(json).exitCode).toBe(planned.exitCode);
  expectHarmless(json);
});
