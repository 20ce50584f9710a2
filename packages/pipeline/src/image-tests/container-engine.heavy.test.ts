/** What a container prints, through docker's command line. Docker is a script. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { childContexts, run } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { commandProblems } from './checks.ts';
import { ContainerEngine } from './container-engine.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-engine-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function printing(script: string) {
  const docker = `#!/bin/sh
case $1 in
  start) ${script} ;;
  inspect) echo '{"Status":"exited","ExitCode":0}' ;;
esac
`;
  await writeFile(join(folder, 'docker'), docker, { mode: 0o755 });
  const workspace = join(folder, 'workspace');
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const children = childContexts({ env, folder: join(folder, 'children'), workspace });
  const services = { children, run, log: { debug: () => {} } } as unknown as Services;
  const engine = await ContainerEngine.find(services);
  return engine.run('image', 'linux/amd64', { args: [], env: [], timeout: 30_000 });
}

const NONE = { expectedOutput: [], excludedOutput: [], expectedError: [], excludedError: ['panic'] };
const TEST = { ...NONE, name: 'a', setup: [], teardown: [], envVars: [], exitCode: 0, command: 'a', args: [] };

test.each([
  ['alone', ''],
  ['before many lines', 'yes | head -c 200000 >&2'],
  ['in a line without an end', `head -c 200000 /dev/zero | tr '\\0' x >&2`],
])('a text that must not be on stderr is found %s', async (_, more) => {
  const end = await printing(`printf 'panic: a secret\\n' >&2; ${more}`);
  expect(commandProblems(TEST, end)).toEqual([expect.stringMatching(/^stderr matches "panic"/)]);
});

test('a container that prints more than is read fails', async () => {
  expect((await printing('yes >&2')).problem).toMatch(/printed more than 1048576 bytes and was stopped/);
});
