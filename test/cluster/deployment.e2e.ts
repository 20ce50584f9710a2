/**
 * From a commit to admission: `ship` publishes an image, `verify-image` writes the policy, `pin-manifests` pins a
 * manifest to the verified digest, and Kyverno's engine (its command line) decides. No API server and no kubelet run here.
 */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kyvernoPolicy } from '@tidegate/core';
import { lintOtherFile } from '@tidegate/source';
import { developerEnvironment, developerRun, devTools } from '@tidegate/testkit';
import { pushImage, registryAt } from '../interop/support/signed-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const REPOSITORY = `${suite.registries.olareg}/deployed`;
const EXAMPLE = new URL('../../examples/cluster/deployment.yaml', import.meta.url);

let kyverno = '';
let job: Job;
let reference = '';
let digest = '';
beforeAll(async () => {
  kyverno = (await devTools(['kyverno'], { log: (line) => process.stderr.write(`${line}\n`) })).kyverno;
  const files = { 'deployment.yaml': await manifest(`${REPOSITORY}:1.2.3`) };
  job = await newJob(suite, { tag: 'v1.2.3', files });
  await succeeded(job.run('ship', { image: REPOSITORY }));
  const key = { 'verification-key': await readFile(suite.key.public, 'utf8') };
  const verify = { image: `${REPOSITORY}:1.2.3`, 'policy-dir': join(job.temp, 'policies') };
  const verified = await succeeded(job.run('verify-image', { ...key, ...verify }));
  await succeeded(job.run('pin-manifests', { ...key, files: 'deployment.yaml' }));
  ({ reference = '', digest = '' } = verified.outputs);
}, 3_600_000);
afterAll(() => leave(job));

const manifest = async (image: string) => (await readFile(EXAMPLE, 'utf8')).replace(/image: \S+/, `image: ${image}`);

const written = () => join(job.temp, 'policies', 'kyverno.yaml');

/** The result of Kyverno for the deployment of this image: it exits with 1 when it refuses. */
async function admitted(image: string, policy = written()): Promise<{ admits: boolean; said: string }> {
  const file = join(job.temp, 'deployment.yaml');
  await writeFile(file, await manifest(image));
  const argv = ['apply', policy, '--resource', file, '--registry', '--detailed-results', '--remove-color'];
  const env = developerEnvironment({ HOME: job.temp });
  const { exitCode, stdout, stderr } = await developerRun(kyverno, argv, { env, timeout: 120_000, answers: [0, 1] });
  const said = `${stdout}\n${stderr}`;
  // It exits with 0 as well when no rule applies to the image.
  return { admits: exitCode === 0 && /pass: [1-9]\d*, fail: 0, warn: 0, error: 0/.test(said), said };
}

test('the manifest that pin-manifests pins has no finding, and is admitted', async () => {
  expect(reference).toBe(`${REPOSITORY}@${digest}`);
  const pinned = `${REPOSITORY}:1.2.3@${digest}`;
  const text = await readFile(join(job.workspace, 'deployment.yaml'), 'utf8');
  expect(text).toBe(await manifest(pinned));
  expect((await lintOtherFile('deployment.yaml', text)).findings).toEqual([]);
  for (const image of [pinned, reference]) {
    const { admits, said } = await admitted(image);
    expect({ admits, said }).toMatchObject({ admits: true });
  }
});

test('an unsigned image of the same repository is refused', async () => {
  const other = await pushImage(registryAt(suite.registries.olareg, 'deployed'), 'unsigned');
  const { admits, said } = await admitted(`${REPOSITORY}@${other.digest}`);
  expect(said).toMatch(/fail: [1-9]/);
  expect(admits).toBe(false);
});

test('a tag that somebody moved to an unsigned image is refused; the pinned digest stays admitted', async () => {
  const tag = `${REPOSITORY}:1.2.3`;
  expect((await admitted(tag)).admits).toBe(true);
  const registry = registryAt(suite.registries.olareg, 'deployed');
  await registry.moveTag(await pushImage(registry, 'moved'), '1.2.3');
  const { admits, said } = await admitted(tag);
  expect(said).toMatch(/fail: [1-9]/);
  expect(admits).toBe(false);
  expect((await admitted(reference)).admits).toBe(true);
  // The tag beside a digest is not read.
  expect((await admitted(`${tag}@${digest}`)).admits).toBe(true);
});

test('the same image is refused by the policy of another key', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const signer = { kind: 'key', publicKey: other, logged: false } as const;
  const policy = join(job.temp, 'other.yaml');
  await writeFile(policy, kyvernoPolicy({ repository: REPOSITORY, signer }));
  const { admits, said } = await admitted(reference, policy);
  expect(said).toMatch(/fail: [1-9]/);
  expect(admits).toBe(false);
});
