import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { credentialHelper } from './credential-helper.ts';
import { childContexts } from './run/child-context.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-helpers-'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

async function helper(name: string, script: string): Promise<string> {
  const program = join(base, `docker-credential-${name}`);
  await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return program;
}

const runWith = (env: Readonly<Record<string, string>>, timeout?: number) => {
  const children = childContexts({ env: { ...env, PATH: process.env.PATH }, folder: base, workspace: '/none' });
  return credentialHelper(() => children.create({ login: 'credential-helper' }), timeout);
};

test("a credential helper runs in a folder of its own, with the user's HOME and the job's environment", async () => {
  const program = await helper('echo', 'read server\necho "$1 $server $GIVEN $HOME $(ls)"\nexit 4');
  const run = runWith({ GIVEN: 'yes', HOME: '/home/runner' });
  expect(await run(program, ['get'], 'ghcr.io\n')).toEqual({
    exitCode: 4,
    stdout: 'get ghcr.io yes /home/runner \n',
  });
});

test.each([
  ['hangs', 'exec sleep 60', 'did not finish within 0.3 seconds'],
  ['hangs and ignores signals', "trap '' TERM INT HUP; sleep 60; sleep 60", 'did not finish within 0.3 seconds'],
  ['ends and leaves a child that holds its output', 'sleep 60 & exit 0', 'did not finish within 0.3 seconds'],
  ['prints without end', 'yes secret-of-helper', 'more than 1048576 bytes'],
])('a credential helper that %s is ended, and no error repeats its output', async (what, script, why) => {
  const marker = `HELPER_${Math.random().toString(36).slice(2)}`;
  const program = await helper(what.replaceAll(' ', '-'), script);
  const run = runWith({ [marker]: '1' }, what.startsWith('prints') ? 20_000 : 300);
  const failure: unknown = await run(program, ['get'], 'ghcr.io').catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: expect.stringContaining(why) });
  expect(String(failure)).not.toContain('secret-of-helper');
  expect(await processesWith(marker)).toEqual([]);
});

/** Processes with this name in their environment, after recently killed ones have gone. */
async function processesWith(marker: string): Promise<readonly string[]> {
  for (let left = 200; ; left -= 1) {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const environments = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
    );
    const found = pids.filter((_, at) => environments[at]?.includes(marker));
    if (found.length === 0 || left === 0) return found;
  }
}
