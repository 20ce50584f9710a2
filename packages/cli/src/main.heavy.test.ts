import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { node24, repositoryRoot } from '@tidegate/testkit';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-main-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @returns the exit code of a command whose output nobody reads */
async function exitCode(argv: readonly string[], closed: 'stdout' | 'stderr'): Promise<number> {
  const main = join(repositoryRoot, 'packages/cli/src/main.ts');
  const child = spawn(node24(), ['--disable-warning=ExperimentalWarning', main, ...argv], { cwd: folder });
  const other = closed === 'stdout' ? child.stderr : child.stdout;
  other.resume();
  child[closed].destroy();
  const [code] = await once(child, 'close');
  return code;
}

test.each([
  ['stdout', ['--version'], 0],
  ['stdout', ['pin', '--json', '--made-up', 'x'], 2],
  ['stdout', ['pin', 'none.yaml', '--check', '--json', '--workflow', 'acme/app/.github/workflows/image.yml'], 2],
  ['stderr', ['pin', '--made-up', 'x'], 2],
] as const)('the reader of %s is gone: %j still ends with its own exit code', async (closed, argv, code) => {
  expect(await exitCode(argv, closed)).toBe(code);
});

test('the reader of stdout is gone: init still writes the files', async () => {
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  expect(await exitCode(['init', '--yes', '--image', 'ghcr.io/acme/app'], 'stdout')).toBe(0);
  expect(await readdir(folder)).toContain('.github');
});
