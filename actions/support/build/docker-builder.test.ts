import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { dockerBuilder } from './docker-builder.ts';

/** Output of `buildx inspect` 0.36 for the docker driver with and without the containerd image store. */
const CLASSIC = 'Name:   default\nDriver: docker\n\nNodes:\nName:             default\nStatus:           running\n';
const CONTAINERD = `${CLASSIC}Labels:\n org.mobyproject.buildkit.worker.executor:    containerd\n org.mobyproject.buildkit.worker.snapshotter: overlayfs\n`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function chosen(env: Record<string, string>, said: string | Error, signal = new AbortController().signal) {
  const asked: string[][] = [];
  const options: unknown[] = [];
  const told: string[] = [];
  const services = {
    signal,
    log: { info: (text: string) => told.push(text), debug: () => {} },
    tools: { get: async () => ({ path: 'buildx' }) },
    children: { create: async ({ login }: { login: string }) => ({ login }) },
    run: async (_: string, argv: string[], given: unknown) => {
      asked.push(argv);
      options.push(given);
      if (said instanceof Error) throw said;
      return { stdout: said };
    },
  } as unknown as Services;
  const job = { env: { HOME: folder, ...env } } as unknown as Job;
  return { builder: await dockerBuilder(job, services, join(folder, 'docker.sock')), asked, told, options };
}

const CLI = { TIDEGATE_ENGINE: 'docker' };

test('the engine with the containerd image store builds', async () => {
  await writeFile(join(folder, 'docker.sock'), '');
  const { builder, asked, options, told } = await chosen(CLI, CONTAINERD);
  expect([builder, asked]).toEqual(['default', [['inspect', 'default']]]);
  expect(options).toMatchObject([{ context: { login: 'buildx' }, timeout: 20_000 }]);
  expect(told.join()).toContain("Docker's BuildKit (context default) builds.");
});

test('without it, our own builds, and the log says why', async () => {
  const { builder, told } = await chosen({ ...CLI, DOCKER_HOST: 'tcp://127.0.0.1:1' }, CLASSIC);
  expect(builder).toBeUndefined();
  expect(told.join()).toContain('cannot export OCI layouts without the containerd image store');
});

test('the context of the configuration is used, unless a variable names another', async () => {
  await writeFile(join(folder, 'config.json'), '{"currentContext":"desktop-linux"}');
  const env = { ...CLI, DOCKER_CONFIG: folder };
  expect((await chosen(env, CONTAINERD)).builder).toBe('desktop-linux');
  expect((await chosen({ ...env, DOCKER_CONTEXT: 'other' }, CONTAINERD)).builder).toBe('other');
  expect((await chosen({ ...env, DOCKER_HOST: 'unix:///x' }, CONTAINERD)).builder).toBe('default');
});

test.each([
  ['a number', '{"currentContext":7}'],
  ['an option of buildx', '{"currentContext":"--bootstrap --builder x"}'],
  ['no JSON', '{'],
])('a context of the configuration that is %s is not used', async (_, text) => {
  await writeFile(join(folder, 'config.json'), text);
  await writeFile(join(folder, 'docker.sock'), '');
  expect((await chosen({ ...CLI, DOCKER_CONFIG: folder }, CONTAINERD)).builder).toBe('default');
});

// Output of `buildx inspect` 0.36, which exits with 0 for both.
test.each<[string, string | Error]>([
  ['fails', new Error('no connection')],
  ['is not running', CONTAINERD.replace('running', 'inactive')],
  ['reports an error', `${CONTAINERD}Error:            Cannot connect to the Docker daemon\n`],
])('an engine that %s is left alone', async (_, said) => {
  const { builder, told } = await chosen({ ...CLI, DOCKER_HOST: 'unix:///x' }, said);
  expect([builder, told.join()]).toEqual([undefined, expect.stringContaining('does not respond')]);
});

test('a cancelled job does not go on with its own engine', async () => {
  const cancelled = new Error('cancelled');
  const asking = chosen({ ...CLI, DOCKER_HOST: 'unix:///x' }, cancelled, AbortSignal.abort(cancelled));
  await expect(asking).rejects.toBe(cancelled);
});

test.each([
  ['there is no engine', CLI],
  ['a workflow builds', { DOCKER_HOST: 'unix:///x' }],
  ['--own-buildkit is given', { TIDEGATE_ENGINE: 'own', DOCKER_HOST: 'unix:///x' }],
])('if %s, nothing is asked', async (_, env) => {
  expect(await chosen(env, CONTAINERD)).toEqual({ builder: undefined, asked: [], told: [], options: [] });
});
