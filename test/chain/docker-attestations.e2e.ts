/** SBOM and provenance where Docker's tools look for them: read by buildx, signed and verified with the image. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ask, askWith } from '../support/client.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const host = suite.registries.olareg;
const OPTION = { 'docker-attestations': 'true' };
const PLATFORMS = 'linux/amd64,linux/arm64';

async function checkout(): Promise<Job> {
  const job = await newJob(suite, { tag: 'v1.2.3' });
  jobs.push(job);
  return job;
}

/** Output of `docker buildx imagetools inspect --format '{{json .FIELD}}'`. */
async function inspected(reference: string, field: 'SBOM' | 'Provenance', job: Job) {
  const argv = ['imagetools', 'inspect', reference, '--format', `{{json .${field}}}`];
  const { code, stdout, stderr } = await askWith({ HOME: job.temp }, '/', join(suite.tools, 'buildx'), ...argv);
  expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const verified = async (image: string, job: Job) =>
  succeeded(job.run('verify-image', { image, 'verification-key': suite.key.public }));

describe.each([
  ['one platform', 'linux/amd64', 'one'],
  ['two platforms', PLATFORMS, 'two'],
])('the root action, %s', (_, platforms, name) => {
  const image = `${host}/docker-attestations/${name}`;
  let job: Job;
  let digest: string;
  const reference = () => `${image}@${digest}`;

  test('signs and tags an index with SBOM and provenance, and says its digest', async () => {
    job = await checkout();
    const { outputs, log } = await succeeded(job.run('ship', { image, platforms, ...OPTION }));
    digest = outputs.digest ?? '';
    expect(log.join('\n')).toContain(`the image is now ${digest}. This digest is signed and tagged.`);
    expect(await repositoryView(host, `docker-attestations/${name}`).digest('1.2.3')).toBe(digest);
    expect(Object.keys(JSON.parse(outputs.platforms ?? '{}'))).toEqual(platforms.split(','));
  });

  test('buildx shows both', async () => {
    const [sbom, provenance] = [
      await inspected(reference(), 'SBOM', job),
      await inspected(reference(), 'Provenance', job),
    ];
    const of = (all: Record<string, unknown>) =>
      name === 'one' ? [all] : platforms.split(',').map((each) => all[each]);
    for (const one of of(sbom)) expect(one).toMatchObject({ SPDX: { spdxVersion: 'SPDX-2.3' } });
    for (const one of of(provenance)) expect(one).toMatchObject({ SLSA: { buildDefinition: {} } });
  });

  test('verify-image and cosign accept it, and a rescan as well', async () => {
    await verified(`${image}:1.2.3`, job);
    const cosign = await ask(
      ...([suite.clients.cosign, 'verify', '--key', suite.key.public] as const),
      ...['--insecure-ignore-tlog=true', '--allow-http-registry', reference()],
    );
    expect(cosign).toMatchObject({ code: 0 });
    await succeeded(job.run('scan-image', { image: `${image}:1.2.3`, key: suite.key.private }));
  });
});

test('step by step: generate-sbom adds them, and every later step is about the new digest', async () => {
  const name = 'docker-attestations/steps';
  const image = `${host}/${name}`;
  const job = await checkout();
  const built = await succeeded(job.run('build-image', { platforms: PLATFORMS }));
  const cataloged = await succeeded(job.run('generate-sbom', OPTION));
  expect(cataloged.outputs.digest).not.toBe(built.outputs.digest);
  expect(cataloged.outputs.platforms).toBe(built.outputs.platforms);
  const scanned = await succeeded(job.run('scan-image', { destination: image }));
  const { digest = '', 'layout-digest': handed = '' } = scanned.outputs;
  expect(digest).toBe(cataloged.outputs.digest);
  await succeeded(job.run('sign-image', { 'expected-digest': digest, 'expected-layout-digest': handed }));
  // A second time changes nothing.
  await succeeded(job.run('sign-image', { 'expected-digest': digest }));
  await succeeded(job.run('push-image', { image, 'expected-digest': digest }));
  expect(await repositoryView(host, name).digest('1.2.3')).toBe(digest);
  expect(await inspected(`${image}:1.2.3`, 'SBOM', job)).toHaveProperty(['linux/arm64', 'SPDX']);
  await verified(`${image}:1.2.3`, job);
});

test('an SBOM for Docker that is not the SBOM in the evidence is not signed', async () => {
  const job = await checkout();
  const { layout = '' } = (await succeeded(job.run('build-image'))).outputs;
  await succeeded(job.run('generate-sbom', OPTION));
  // Another SBOM in the evidence: of the same image, under another name.
  await succeeded(job.run('generate-sbom', { layout, name: 'other' }));
  const { exitCode, log } = await job.run('sign-image', { layout });
  expect(exitCode).toBe(1);
  expect(log.join('\n')).toMatch(/statement of type https:\/\/spdx\.dev\/Document that is not the evidence about/);
});
