import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tools-temporary-'));
});
afterEach(() => rm(parent, { recursive: true }));

const MODULE = JSON.stringify(join(import.meta.dirname, 'temporary-folder.ts'));
const ran = (script: string) =>
  promisify(execFile)(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval'],
    `const { temporaryFolder } = await import(${MODULE}); const { mkdir, rm, writeFile } = await import('node:fs/promises');
     const parent = ${JSON.stringify(parent)}; const folder = await temporaryFolder(parent, 'mine-');
     await writeFile(parent + '/other', ''); ${script}`,
  ]);

test.each([
  ['while it is used', `await writeFile(folder + '/x', '')`],
  ['twice as many as Node allows listeners', `for (let n = 0; n < 20; n++) await temporaryFolder(parent, 'mine-')`],
  ['after it was made again', 'await rm(folder, { recursive: true }); await mkdir(folder)'],
  [
    'by a signal handler',
    `process.on('SIGINT', () => process.exit(1)); process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1000); await new Promise(() => {})`,
  ],
])('a process that ends %s leaves none of its folders', async (_, script) => {
  const ended: { stderr?: string } = await ran(script).catch((error: unknown) => error as object);
  expect(ended.stderr).toBe('');
  expect(await readdir(parent)).toEqual(['other']);
});
