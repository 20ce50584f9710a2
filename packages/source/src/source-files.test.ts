import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSource } from './source-files.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidegate-sources-'));
  await chmod(root, 0o755);
  await mkdir(join(root, 'closed'));
  for (const name of ['open.sh', 'closed.sh', 'closed/Dockerfile']) await writeFile(join(root, name), 'text');
  await symlink('open.sh', join(root, 'link.sh'));
  await chmod(join(root, 'closed.sh'), 0);
  await chmod(join(root, 'closed'), 0);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** root may read everything. */
async function asUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

const DENIED = { problem: 'your user may not read it, or not enter its folder' };
test.each([
  ['open.sh', { text: 'text' }],
  ['absent.sh', { problem: 'it does not exist' }],
  ['open.sh/below', { problem: 'it does not exist' }],
  ['link.sh', { problem: 'it is a symbolic link' }],
  ['closed', { problem: 'it is not a file' }],
  ['closed.sh', DENIED],
  ['closed/Dockerfile', DENIED],
])('%s', async (path, expected) => {
  expect(await asUser(() => readSource(root, path, 100))).toEqual(expected);
});
