/** How containers end, as docker's command line reports it. The engine is a stand-in. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Services } from '../services.ts';
import { ContainerEngine } from './container-engine.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-engine-'));
  await writeFile(join(folder, 'docker'), '');
  await chmod(join(folder, 'docker'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const RUN = { args: [], env: [], timeout: 1000 };
const ENDED = { Status: 'exited', ExitCode: 0, OOMKilled: false, Error: '' };

async function ended(state: Readonly<Record<string, unknown>>, exitCode = 0) {
  const services = {
    children: { create: async () => ({ env: { PATH: folder } }) },
    run: async (_: string, [command = '']: readonly string[]) => ({
      exitCode: command === 'start' ? exitCode : 0,
      stdout: command === 'inspect' ? JSON.stringify(state) : 'out',
      stderr: '',
    }),
    log: { debug: () => {} },
  } as unknown as Services;
  const engine = await ContainerEngine.find(services);
  return engine.run('image', 'linux/amd64', RUN);
}

test('a container that ended by itself has its exit code and output', async () => {
  expect(await ended(ENDED)).toEqual({ exitCode: 0, stdout: 'out', stderr: '' });
  expect((await ended({ ...ENDED, ExitCode: 3 }, 3)).exitCode).toBe(3);
});

test.each([
  [
    'that still runs, as when the connection to the engine breaks',
    { ...ENDED, Status: 'running' },
    /status is running/,
  ],
  ['that was paused', { ...ENDED, Status: 'paused' }, /status is paused/],
  ['that was never started', { ...ENDED, Status: 'created' }, /status is created/],
  ['without a status', { ExitCode: 0 }, /did not end/],
  ['that was killed for its memory', { ...ENDED, OOMKilled: true }, /more memory than it may/],
  ['that could not start', { ...ENDED, Status: 'created', ExitCode: 127, Error: 'no such file' }, /no such file/],
])('a container %s fails, whatever its exit code', async (_, state, problem) => {
  expect((await ended(state, 1)).problem).toMatch(problem);
});
