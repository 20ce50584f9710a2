/** Each input of build-image, by what it does to a build: a Dockerfile that tells what it was given. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import type { BundleResult } from '@tidegate/testkit';
import type { Job } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { content, openRoot } from '../support/surgery.ts';
import { image, probes } from './probe.ts';

const { checkout, build, leaveAll } = probes(await theSuite());
afterAll(leaveAll);

/** Lines of the probe about one subject, in BuildKit's log. */
function told({ log }: BundleResult, what: string): string | undefined {
  const said = new RegExp(`^#\\d+ [\\d.]+ ${what} (?:is|are) (.*?) *$`);
  return log.map((line) => said.exec(line)?.[1]).find((value) => value !== undefined);
}

/** The predicate of the image's provenance. */
async function provenance({ outputs }: BundleResult) {
  const { layout, root } = await openRoot(String(outputs.layout));
  return JSON.parse(
    Buffer.from(
      await content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.provenance),
    ).toString(),
  ).predicate;
}

/** Made by runc for the steps, and left by it. */
const CGROUP = `/tidegate-test-${process.pid}`;

describe('inputs of a step', () => {
  let job: Job;
  let plain: BundleResult;
  let given: BundleResult;
  beforeAll(async () => {
    job = await checkout();
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const file = join(job.temp, '..', 'ssh-key');
    await writeFile(file, key, { mode: 0o600 });
    plain = await build(job, { network: 'none' });
    given = await build(job, {
      'build-args': 'GREETING=everybody, and "you"',
      ulimit: 'nofile=1234:1234',
      'shm-size': '96m',
      'add-hosts': 'database:10.1.2.3',
      'cgroup-parent': CGROUP,
      ssh: `probe=${file}`,
      network: 'host',
      labels: 'org.example.label=one, two',
      annotations: 'org.example.annotation=three=four',
    });
  });

  test.each([
    ['greeting', 'nobody', 'everybody, and "you"'],
    ['note', 'from another context', 'from another context'],
    ['shm', '64', '96'],
    ['agent', 'missing', 'there'],
    ['database', '', '10.1.2.3 database'],
    ['devices', 'lo', expect.stringContaining('lo')],
  ])('%s: %s without the input, %s with it', (what, without, withIt) => {
    expect({ plain: told(plain, what), given: told(given, what) }).toEqual({ plain: without, given: withIt });
  });

  test('limits of processes', () => {
    expect(told(given, 'nofile')).toBe('1234');
    expect(told(plain, 'nofile')).not.toBe('1234');
  });

  test("the network of the host is all of it, and none is the step's own loopback alone", async () => {
    const lines = (await readFile('/proc/net/dev', 'utf8')).trim().split('\n').slice(2);
    const devices = lines.map((line) => line.split(':')[0]?.trim()).toSorted();
    expect(told(given, 'devices')?.split(' ')).toEqual(devices);
  });

  test('a cgroup that has the one of the input as parent', async () => {
    const below = [CGROUP, `/memory${CGROUP}`].map((name) => join('/sys/fs/cgroup', name, 'buildkit'));
    const there = await Promise.all(
      below.map((folder) =>
        stat(folder).then(
          () => folder,
          () => undefined,
        ),
      ),
    );
    expect(there.filter((folder) => folder !== undefined)).toHaveLength(1);
  });

  test('all of it in the provenance', async () => {
    const { externalParameters } = (await provenance(given)).buildDefinition;
    expect(externalParameters.parameters).toMatchObject({
      addHosts: ['database:10.1.2.3'],
      cgroupParent: CGROUP,
      ulimit: ['nofile=1234:1234'],
    });
  });

  test('labels are in the config, annotations on the manifest', async () => {
    const { config, manifest } = await image(given);
    expect(config.config.Labels).toMatchObject({ 'org.example.label': 'one, two' });
    expect(manifest.annotations).toMatchObject({ 'org.example.annotation': 'three=four' });
  });
});

describe('times', () => {
  test.each([
    ['that of the commit, when nothing is said', {}, '2026-11-01T12:00:00Z'],
    ['what is said', { 'source-date-epoch': '1700000000' }, '2023-11-14T22:13:20Z'],
  ])('the image has %s', async (_, inputs, created) => {
    expect((await image(await build(await checkout(), inputs))).config.created).toBe(created);
  });

  test('the image has its own, if configured', async () => {
    const { config } = await image(await build(await checkout(), { 'source-date-epoch': 'none' }));
    expect(Date.now() - Date.parse(config.created)).toBeLessThan(10 * 60_000);
  });

  test('files have it too if configured: two builds are then one image', async () => {
    const job = await checkout();
    const stamped = { target: 'stamped', 'rewrite-timestamp': 'true' };
    const [one, other] = [await build(job, stamped), await build(job, stamped)];
    expect(other.outputs.digest).toBe(one.outputs.digest);
    const { digest } = (await build(job, { target: 'stamped' })).outputs;
    expect(digest).not.toBe(one.outputs.digest);
  });
});
