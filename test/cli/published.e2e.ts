/** Commands about what exists already: a published image under a proposed policy, a layout's report, the machine. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop, type Ran } from './terminal.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const host = suite.registries.olareg;

/** An image without layers, signatures and evidence, by the distribution-spec alone. */
async function putEmptyImage(name: string, tag: string): Promise<void> {
  const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  const base = `http://${host}/v2/${name}`;
  const upload = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const to = new URL(upload.headers.get('location') ?? '', base);
  to.searchParams.set('digest', sha256(config));
  const octets = { 'content-type': 'application/octet-stream' };
  expect((await fetch(to, { method: 'PUT', body: config, headers: octets })).status).toBe(201);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const of = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length };
  const body = JSON.stringify({ schemaVersion: 2, mediaType, config: of, layers: [] });
  const put = await fetch(`${base}/manifests/${tag}`, { method: 'PUT', body, headers: { 'content-type': mediaType } });
  expect(put.status).toBe(201);
}

const document = (ran: Ran) => JSON.parse(ran.stdout);

async function laptopWith(files: Readonly<Record<string, string>> = {}): Promise<Laptop> {
  const job = await newJob(suite, { files });
  jobs.push(job);
  return cloneOf(job, suite);
}

describe('tidegate policy test', () => {
  const image = `${host}/cli/proposed`;
  let laptop: Laptop;
  const judge = (...argv: string[]) =>
    laptop.run(['policy', 'test', `${image}:main`, '--verification-key', suite.key.public, '--json', ...argv]);

  beforeAll(async () => {
    laptop = await laptopWith();
    const ships = [
      ...['ship', image, '--tools', suite.tools, '--key-file', suite.key.private],
      ...['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')],
    ];
    const shipped = await laptop.run(ships);
    if (shipped.exitCode !== 0) throw new Error(shipped.stderr);
    await mkdir(join(laptop.clone, '.github'));
  });

  test('passes under the policy that published the image', async () => {
    const ran = await judge();
    expect(ran.stderr).toContain(`passes: ${image}:main@sha256:`);
    expect(document(ran)).toMatchObject({ exitCode: 0, verdict: 'pass', outputs: { failed: '0' } });
  });

  test('rules that published evidence cannot answer say so, not that the policy allows everything', async () => {
    const [{ rules }] = document(await judge()).outputs.judged;
    const said = Object.fromEntries(rules.map(({ rule, why }: { rule: string; why: string }) => [rule, why]));
    expect(said['contents-secrets']).toBe('Not judged here: what was found in the layers is not published.');
    expect(said['verdict-present']).toMatch(/^Not judged here: a published verdict /);
    expect(said['contents-shells']).toBe('The policy allows shells.');
  });

  test('fails under a stricter one, which is read from the work tree, and names the rule', async () => {
    await writeFile(join(laptop.clone, '.github/tidegate.yml'), 'version: 1\nimage:\n  max-size: 1k\n');
    const ran = await judge();
    expect(ran.exitCode).toBe(3);
    expect(document(ran)).toMatchObject({
      ...{ verdict: 'fail', outputs: { failed: '1' } },
      error: { code: 'TG6007', message: '1 of 1 image would fail: 1 by image-size.' },
    });
    await writeFile(join(laptop.clone, '.github/tidegate.yml'), 'version: 1\n');
  });

  test('fails at a future date, because the scan is old by then', async () => {
    const ran = await judge('--at', '2099-01-01');
    expect(document(ran)).toMatchObject({ exitCode: 3, error: { message: expect.stringContaining('by scan-recent') } });
    expect((await judge('--at', 'tomorrow')).exitCode).toBe(2);
  });

  test('evidence of another signer does not count', async () => {
    const ran = await judge('--verification-key', suite.key.public);
    expect(ran.exitCode).toBe(2);
    const other = await laptop.run([
      ...['policy', 'test', `${image}:main`, '--json'],
      ...['--workflow', 'acme/app/.github/workflows/x.yml'],
    ]);
    expect(document(other).error.message).toMatch(/by .*signature-present/);
  });
});

describe('tidegate policy test --all-tags', () => {
  const repository = `${host}/cli/tags`;
  const trust = ['--verification-key', suite.key.public];
  let laptop: Laptop;

  beforeAll(async () => {
    laptop = await laptopWith();
    const ships = [
      ...['ship', repository, '--tools', suite.tools, '--key-file', suite.key.private, '--tags', 'v1', '--tags', 'v2'],
      ...['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')],
    ];
    const shipped = await laptop.run(ships);
    if (shipped.exitCode !== 0) throw new Error(shipped.stderr);
    // An image that nobody has scanned or signed.
    await putEmptyImage('cli/tags', 'by-hand');
    await mkdir(join(laptop.clone, '.github'));
  });

  const judge = (...argv: string[]) =>
    laptop.run(['policy', 'test', repository, '--all-tags', ...trust, '--json', ...argv]);

  test('judges every tag, and names the rules with their number', async () => {
    const ran = await judge();
    expect(ran.exitCode).toBe(3);
    const { error, outputs } = document(ran);
    expect(error).toMatchObject({ code: 'TG6007', message: expect.stringMatching(/^1 of 3 tags would fail: 1 by /) });
    expect(outputs.table.split('\n').map((line: string) => line.replace(`${repository}:`, ''))).toEqual([
      ...['by-hand fails', 'v1 passes', 'v2 passes'],
    ]);
  });

  test('a proposed policy and a future date are judged for all of them', async () => {
    await writeFile(join(laptop.clone, '.github/next.yml'), 'version: 1\nimage:\n  max-size: 1k\n');
    const proposed = document(await judge('--policy', '.github/next.yml'));
    expect(proposed.error.message).toMatch(/^3 of 3 tags would fail: .*2 by image-size/);
    expect(document(await judge('--at', '2099-01-01')).error.message).toMatch(/^3 of 3 .* by scan-recent/);
  });

  test('a repository without tags of images does not pass', async () => {
    await putEmptyImage('cli/caches', 'buildcache-amd64');
    const ran = await laptop.run(['policy', 'test', `${host}/cli/caches`, '--all-tags', ...trust, '--json']);
    expect(document(ran)).toMatchObject({ exitCode: 2, error: { code: 'TG1004' } });
  });

  test('an image with a tag is refused', async () => {
    const ran = await laptop.run(['policy', 'test', `${repository}:v1`, '--all-tags', ...trust, '--json']);
    expect(document(ran)).toMatchObject({ exitCode: 2, error: { code: 'TG1004' } });
  });

  test('policy show prints the policy of the work tree with the flags', async () => {
    await writeFile(join(laptop.clone, '.github/next.yml'), 'version: 1\nimage:\n  max-size: 1k\n');
    const shown = document(
      await laptop.run(['policy', 'show', '--policy', '.github/next.yml', '--fail-on', 'low', '--json']),
    );
    expect(shown.outputs.policy.policy).toMatchObject({ failOn: 'low', image: { maxSize: 1024 } });
    const proposed = await laptop.run(['policy', 'show', '--policy', '.github/next.yml']);
    expect(proposed.stdout).toMatch(/^# The effective policy, based on the preset recommended/);
    expect(proposed.stdout).toContain('\n  fail-on: high\n');
    expect((await laptop.run(['policy', 'show', '--policy', 'none.yml'])).exitCode).toBe(2);
  });

  test('report renders the evidence of the published image, and counts only the signer that is named', async () => {
    const reported = document(await laptop.run(['report', `${repository}:v1`, ...trust, '--json']));
    expect(reported).toMatchObject({ exitCode: 0, verdict: 'pass' });
    const page = await readFile(reported.outputs['html-path'], 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain(`${repository}@sha256:`);
    const unnamed = document(await laptop.run(['report', `${repository}:v1`, '--json']));
    expect(unnamed).toMatchObject({
      exitCode: 2,
      error: { code: 'TG1201', message: expect.stringContaining('--workflow') },
    });
    const bare = document(await laptop.run(['report', `${repository}:by-hand`, ...trust, '--json']));
    expect(bare).toMatchObject({ exitCode: 1, error: { code: 'TG8010' } });
  });
});

describe('tidegate report', () => {
  test('writes the page of a scanned layout, and refuses one without a scan', async () => {
    const laptop = await laptopWith();
    expect(await laptop.run(['build', '--tools', suite.tools])).toMatchObject({ exitCode: 0 });
    const early = await laptop.run(['report', '--json']);
    expect(document(early)).toMatchObject({ exitCode: 1, error: { code: 'TG8010' } });
    const database = ['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')];
    expect(await laptop.run(['sbom', '--tools', suite.tools])).toMatchObject({ exitCode: 0 });
    expect(await laptop.run(['scan', '--tools', suite.tools, ...database])).toMatchObject({ exitCode: 0 });
    const reported = document(await laptop.run(['report', '--json']));
    expect(reported.verdict).toBe('pass');
    expect(await readFile(reported.outputs['html-path'], 'utf8')).toMatch(/^<!doctype html>/i);
    const { verdict } = JSON.parse(await readFile(reported.outputs['json-path'], 'utf8'));
    expect(verdict.rules).toContainEqual({
      ...{ rule: 'signature-present', outcome: 'not-applicable' },
      why: 'Not judged here: this check comes before the image is signed.',
    });
    const failing = await laptop.run(['report', '--max-db-age', '1s']);
    expect(failing.stderr).toMatch(
      /^FAIL {2}database-recent: .*\n(?:FAIL .*\n)*Judged by the policy file of the work tree and the flags/m,
    );
  });
});

describe('tidegate doctor', () => {
  test('checks engine, tools and the registry of the image', async () => {
    const laptop = await laptopWith();
    const ran = await laptop.run([
      ...['doctor', `${host}/cli/doctor`, '--tools', suite.tools, '--db-mirror', `http://${host}/`, '--json'],
    ]);
    const checks = document(ran).outputs.checks as { name: string; status: string }[];
    const status = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    expect(status).toMatchObject({ node: 'ok', git: 'ok', engine: 'ok', tools: 'ok', registry: 'ok', database: 'ok' });
    expect(ran.exitCode).toBe(0);
  });

  test('exits 1 if the engine does not respond, with the fix', async () => {
    const laptop = await laptopWith();
    const ran = await laptop.run(['doctor'], { BUILDKIT_HOST: 'unix:///nonexistent.sock' });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(/✗ engine .*ENOENT.*\n +→ Start that BuildKit, or unset BUILDKIT_HOST\.\n/);
    expect(ran.stderr).toContain('TG9004');
  });
});

describe('tidegate init', () => {
  test('shows a diff, writes nothing without a terminal, and writes with --yes', async () => {
    const laptop = await laptopWith();
    const shown = await laptop.run(['init']);
    expect(shown.stdout).toContain('+++ b/.github/workflows/image.yml\n');
    expect(shown.stderr).toContain('Nothing was written.');
    expect(await laptop.git('status', '--porcelain')).toBe('');
    expect((await laptop.run(['init', '--yes'])).exitCode).toBe(0);
    expect(await readFile(join(laptop.clone, '.github/workflows/image.yml'), 'utf8')).toContain('tidegate/tidegate@v1');
    expect((await laptop.run(['init'])).stderr).toContain('There is nothing to propose');
  });
});
