/** The same image shipped again, with the real tools: what depends on its bytes alone is not made again. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseDigest } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { type Recorder, recordedTools } from '../support/recorded-tools.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const jobs: Job[] = [];
let tools: Recorder;
let others: Recorder;

beforeAll(async () => {
  tools = await recordedTools(suite);
  others = await recordedTools(suite);
});
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

/** An image without Go code, for which the published SBOM says all that a scan needs. */
const SCRIPT = {
  Dockerfile: 'FROM scratch\nCOPY node_modules /app/node_modules\nUSER 65532:65532\nENTRYPOINT ["/app/none"]\n',
  'node_modules/left/package.json': '{"name":"left","version":"1.3.0","license":"MIT"}',
};

interface Shipped {
  readonly result: BundleResult;
  /** How often Syft cataloged an image. */
  readonly catalogs: number;
  readonly seconds: number;
}

async function ship(
  name: string,
  inputs: Readonly<Record<string, string>> = {},
  { recorder = tools, files = SCRIPT }: { recorder?: Recorder; files?: Readonly<Record<string, string>> } = {},
): Promise<Shipped> {
  const job = await newJob(suite, { app: 'sound', files });
  jobs.push(job);
  const catalogs = async () =>
    (await recorder.started()).filter(({ program, argv }) => program === 'syft' && argv[0] === 'scan').length;
  const before = await catalogs();
  const all = { image: `${host}/rescan/${name}`, 'rewrite-timestamp': 'true', tools: recorder.tools, ...inputs };
  const started = performance.now();
  const result = await succeeded(job.run('ship', all));
  const seconds = (performance.now() - started) / 1000;
  return { result, catalogs: (await catalogs()) - before, seconds };
}

async function beside(name: string, { outputs }: BundleResult): Promise<readonly string[]> {
  const view = repositoryView(host, `rescan/${name}`);
  const platforms = Object.values(JSON.parse(outputs.platforms ?? '{}') as Record<string, string>);
  const all = [...new Set([outputs.digest ?? '', ...platforms])];
  const found = await Promise.all(all.map((digest) => view.referrers(digest)));
  return found
    .flat()
    .map(({ digest }) => digest)
    .toSorted();
}

test('the second run catalogs nothing, reads no layer, says so, and adds nothing beside the image', async () => {
  const first = await ship('reused');
  expect(first.catalogs).toBe(1);
  const before = await beside('reused', first.result);
  const second = await ship('reused');
  expect(second.result.outputs.digest).toBe(first.result.outputs.digest);
  expect(second.catalogs).toBe(0);
  expect(second.result.log.join('\n')).not.toMatch(/checked \d+ files in/);
  expect(second.result.summary).toMatch(/its SBOMs and the verdict on its layers are those of \d{4}-\d\d-\d\d/);
  expect(await beside('reused', first.result)).toEqual(before);
  const full = await ship('reused', { 'reuse-evidence': 'false' });
  expect(full.catalogs).toBe(1);
  if (process.env.FIGURES === '1') {
    process.stdout.write(`${JSON.stringify([first.seconds, second.seconds, full.seconds])}\n`);
  }
  const job = await newJob(suite, { app: 'sound' });
  jobs.push(job);
  const image = `${host}/rescan/reused:main`;
  await succeeded(job.run('verify-image', { image, 'verification-key': suite.key.public }));
});

test('an image with findings in Go code is cataloged again, but its layers are not read', async () => {
  await ship('go', {}, { files: {} });
  const second = await ship('go', {}, { files: {} });
  expect(second.catalogs).toBe(1);
  expect(second.result.log.join('\n')).not.toMatch(/checked \d+ files in/);
  expect(second.result.log.join('\n')).toMatch(/statements published before say the same/);
});

test('the evidence of another signer is not used', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(await ship('stranger', { key })).toMatchObject({ catalogs: 1 });
  expect(await ship('stranger')).toMatchObject({ catalogs: 1 });
});

test('the evidence of another Syft is not used', async () => {
  expect(await ship('cataloger', {}, { recorder: others })).toMatchObject({ catalogs: 1 });
  expect(await ship('cataloger')).toMatchObject({ catalogs: 1 });
  expect(await ship('cataloger')).toMatchObject({ catalogs: 0 });
});

test('a verdict under another policy is not used', async () => {
  await ship('policy', { 'fail-on': 'critical' });
  expect(await ship('policy')).toMatchObject({ catalogs: 1 });
});

test('if somebody removed an SBOM, everything is made again', async () => {
  const first = await ship('removed');
  const [platform = ''] = Object.values(JSON.parse(first.result.outputs.platforms ?? '{}') as Record<string, string>);
  const subject = parseDigest(platform);
  const registry = new Registry({ registry: host, repository: 'rescan/removed' }, { insecure: [host] });
  for (const { digest, annotations } of await registry.referrers(subject)) {
    if (annotations?.['dev.sigstore.bundle.predicateType'] !== 'https://cyclonedx.org/bom') continue;
    await registry.removeReferrers(subject, [digest]);
  }
  registry.close();
  const second = await ship('removed');
  expect(second.catalogs).toBe(1);
});
