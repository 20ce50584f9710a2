import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assertSources } from './context.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-context-'));
  await writeFile(join(folder, 'Dockerfile'), '');
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['Dockerfile', '.', ''])('%j is there', async (path) => {
  await expect(assertSources(path, folder)).resolves.toBeUndefined();
});

test.each(['nosuch', 'Dockerfile/x', '/dev/null'])('%j is refused by name', async (path) => {
  await expect(assertSources(path, folder)).rejects.toMatchObject({
    id: 'command-line-invalid',
    message: `"${path}" is neither a file nor a folder in "${folder}".`,
  });
});
