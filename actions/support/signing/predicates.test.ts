import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { predicatesOf } from './predicates.ts';

const TYPE = 'https://example.com/review/v1';
let folder: string;
let workspace: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'predicates-'));
  workspace = join(folder, 'workspace');
  await mkdir(join(workspace, 'reviews'), { recursive: true });
  await writeFile(join(workspace, 'reviews/one.json'), '{"a":1}');
  await writeFile(join(folder, 'credentials.json'), '{"auths":{}}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = (path: string) =>
  predicatesOf({ signing: 'keyless', 'predicate-type': [TYPE], 'predicate-path': [path] }, {
    workspace,
  } as unknown as Job);
const ONE = [{ type: TYPE, predicate: { a: 1 } }];

test('a file of the workspace is read, also through links within it, and one elsewhere that is named itself', async () => {
  expect(await read('reviews/one.json')).toEqual(ONE);
  await symlink('reviews', join(workspace, 'newest'));
  expect(await read('newest/one.json')).toEqual(ONE);
  expect(await read(join(folder, 'credentials.json'))).toEqual([{ type: TYPE, predicate: { auths: {} } }]);
});

test.each([
  ['file', '../credentials.json', 'linked.json'],
  ['folder', '..', 'outside/credentials.json'],
])('a link that leads out of the workspace is not followed: %s', async (_, target, path) => {
  await symlink(target, join(workspace, path.split('/')[0] ?? ''));
  await expect(read(path)).rejects.toMatchObject({
    id: 'input-path-unusable',
    message: expect.stringContaining('a link leads out of it'),
  });
});

test('a file that is too large is refused by its size, before its content is read', async () => {
  const path = join(workspace, 'sparse.json');
  await writeFile(path, '');
  // No buffer and no string of node can hold it.
  await truncate(path, 2 ** 40);
  await expect(read('sparse.json')).rejects.toThrow(`sparse.json has ${2 ** 40} bytes; the maximum is 8388608.`);
});

test('a pipe is rejected without waiting for a writer', async () => {
  execFileSync('mkfifo', [join(workspace, 'pipe')]);
  await expect(read('pipe')).rejects.toMatchObject({ id: 'input-path-unusable' });
});

test('a file without an end is read up to the limit', async () => {
  // Says that it has 0 bytes.
  await expect(read('/proc/kallsyms')).rejects.toThrow(/is not|bytes; the maximum/);
});

test.each(['missing.json', 'reviews', '.'])('%s is refused', async (path) => {
  await expect(read(path)).rejects.toMatchObject({ id: 'input-path-unusable' });
});
