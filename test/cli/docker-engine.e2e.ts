/** The engine of the command line where docker has one: real engines without and with the containerd image store. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDockerd, startNewerDockerd } from '../support/dockerd.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import type { Server } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop } from './terminal.ts';

const suite = await theSuite();
let dockerd: Server;
let newer: Server;
let job: Job;
let laptop: Laptop;
beforeAll(async () => {
  dockerd = await startDockerd(join(suite.folder, 'cli-dockerd'));
  newer = await startNewerDockerd(join(suite.folder, 'cli-newer-dockerd'));
  job = await newJob(suite, { app: 'sound' });
  laptop = await cloneOf(job, suite);
}, 600_000);
afterAll(async () => {
  await dockerd?.[Symbol.asyncDispose]();
  await newer?.[Symbol.asyncDispose]();
  if (job) await leave(job);
});

const at = (engine: Server) => ({ BUILDKIT_HOST: '', DOCKER_HOST: engine.address });
const digestOf = ({ stdout }: { stdout: string }): string => JSON.parse(stdout).outputs.digest;

test('an engine without the containerd image store is named, and our own BuildKit builds', async () => {
  const built = await laptop.run(['build', '--tools', suite.tools, '--json'], at(dockerd));
  expect(built).toMatchObject({ exitCode: 0 });
  expect(built.stderr).toContain(
    "Docker's engine (context default) cannot export OCI layouts without the containerd image store",
  );
  expect(digestOf(built)).toMatch(/^sha256:/);
  const own = await laptop.run(['build', '--tools', suite.tools, '--own-buildkit'], at(dockerd));
  expect(own).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("Docker's") });
});

test('an engine with the containerd image store builds, and its image is published', async () => {
  const image = `${suite.registries.olareg}/cli/docker-engine`;
  const ships = [
    ...['ship', image, '--tools', suite.tools, '--key-file', suite.key.private, '--json'],
    ...['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')],
  ];
  const shipped = await laptop.run(ships, at(newer));
  expect(shipped).toMatchObject({ exitCode: 0 });
  expect(shipped.stderr).toContain("Docker's BuildKit (context default) builds.");
  expect(shipped.stderr).toContain('building with "default" instance using docker driver');
  expect(JSON.parse(shipped.stdout)).toMatchObject({ verdict: 'pass' });
  expect(await repositoryView(suite.registries.olareg, 'cli/docker-engine').digest('main')).toBe(digestOf(shipped));
});
