/** The image of a job, pulled before it is published: by the clients that people have, from the registry of serve-layout. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, runPost } from '@tidegate/testkit';
import { builtImage } from '../support/built-image.ts';
import { ask } from '../support/client.ts';
import { type Job, succeeded } from '../support/job.ts';
import { stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const stages = stagesOf(suite);

let job: Job;
let digest: string;
let step: BundleResult;
let reference: string;
let registry: string;

beforeAll(async () => {
  const built = await stages('signed');
  ({ job, digest } = built);
  step = await succeeded(job.run('serve-layout'));
  reference = step.outputs.reference ?? '';
  registry = step.outputs.registry ?? '';
}, 300_000);
afterAll(async () => {
  await runPost(step);
});

test('the outputs name this very digest, on loopback', () => {
  expect(registry).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(reference).toBe(`${registry}/acme/app@${digest}`);
  expect(step.outputs.digest).toBe(digest);
});

describe('pulled by digest and by tag', () => {
  test('by crane', async () => {
    const byTag = reference.replace(/@.*/, ':candidate');
    expect((await ask(suite.clients.crane, 'digest', byTag)).stdout.trim()).toBe(digest);
    const to = join(suite.folder, `crane-${Date.now()}.tar`);
    expect(await ask(suite.clients.crane, 'pull', '--platform=linux/amd64', reference, to)).toMatchObject({ code: 0 });
    expect((await stat(to)).size).toBeGreaterThan(1000);
    expect(await ask(suite.clients.crane, 'validate', '--remote', reference)).toMatchObject({ code: 0 });
  });

  test('by skopeo, all platforms, with the same digest', async () => {
    const to = join(suite.folder, `skopeo-${Date.now()}`);
    const argv = ['copy', '--all', '--preserve-digests', '--src-tls-verify=false', '--insecure-policy'];
    expect(await ask('skopeo', ...argv, `docker://${reference}`, `oci:${to}:pulled`)).toMatchObject({ code: 0 });
    const index = JSON.parse(await readFile(join(to, 'index.json'), 'utf8'));
    expect(index.manifests[0].digest).toBe(digest);
  });

  test('by BuildKit, as the base of another image', async () => {
    const { target } = await builtImage(suite, `FROM ${reference}\nCOPY busybox /added\n`);
    const [only] = target.image.platforms;
    const manifest = JSON.parse((await target.layout.fetchBytes(only?.descriptor ?? target.image.root)).toString());
    const { config } = JSON.parse((await target.layout.fetchBytes(manifest.config)).toString());
    expect(config.Labels['org.opencontainers.image.base.digest']).toBe(digest);
  });
});

describe('the evidence', () => {
  test('is listed for oras and verified by cosign', async () => {
    const listed = await ask(suite.clients.oras, 'discover', '--plain-http', '--format=json', reference);
    expect(listed).toMatchObject({ code: 0 });
    expect(JSON.parse(listed.stdout).referrers.length).toBeGreaterThan(3);
    const argv = ['verify', '--key', suite.key.public, '--insecure-ignore-tlog', '--new-bundle-format'];
    const verified = await ask(suite.clients.cosign, ...argv, reference);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain(digest);
  });
});

test('nobody can push to it', async () => {
  const pushed = await ask(suite.clients.crane, 'copy', reference, `${registry}/acme/app:mine`);
  expect(pushed.code).not.toBe(0);
  expect(pushed.stderr).toMatch(/UNSUPPORTED|405/);
  expect((await ask(suite.clients.crane, 'ls', `${registry}/acme/app`)).stdout.trim()).toBe('candidate');
});

test('a second registry of the job gets the port and the name that the inputs say; a port in use fails', async () => {
  const taken = await job.run('serve-layout', { port: registry.split(':')[1] ?? '' });
  expect(taken.exitCode).toBe(1);
  expect(taken.annotations[0]?.message).toContain(`Cannot listen on ${registry}`);
  const inputs = { image: 'Other/Name', tag: 'v1-rc' };
  const second = await succeeded(job.run('serve-layout', inputs));
  try {
    expect(second.outputs.reference).toMatch(/^127\.0\.0\.1:\d+\/other\/name@sha256:/);
    const byTag = `${second.outputs.registry}/other/name:v1-rc`;
    expect((await ask(suite.clients.crane, 'digest', byTag)).stdout.trim()).toBe(digest);
  } finally {
    await runPost(second);
    await runPost(taken);
  }
});

test('the post step ends it, and leaves nothing', async () => {
  const one = await succeeded(job.run('serve-layout'));
  const { pid, folder } = JSON.parse(one.state['layout-server'] ?? '{}');
  expect((await fetch(`http://${one.outputs.registry}/v2/`)).status).toBe(200);
  expect((await runPost(one))?.exitCode).toBe(0);
  await expect(fetch(`http://${one.outputs.registry}/v2/`)).rejects.toThrow();
  expect(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  // A second time, as after a cancelled job.
  expect((await runPost(one))?.exitCode).toBe(0);
});
