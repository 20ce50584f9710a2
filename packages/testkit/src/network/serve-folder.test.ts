import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FolderServer, serveFolder } from './serve-folder.ts';

let folder: string;
let server: FolderServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-serve-'));
  await mkdir(join(folder, 'public/v6'), { recursive: true });
  await writeFile(join(folder, 'public/v6/latest.json'), '{"status":"active"}');
  await writeFile(join(folder, 'secret'), 'not for anybody');
  server = await serveFolder(join(folder, 'public'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Sends the path as written: fetch would normalize it. */
const status = (path: string) =>
  new Promise((resolve, reject) => {
    get(server.url, { path }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

test('a file below the folder is served, with its length to a HEAD as well', async () => {
  const url = `${server.url}/v6/latest.json`;
  expect(await (await fetch(url)).json()).toEqual({ status: 'active' });
  expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('19');
});

test.each(['/', '/v6', '/missing', '/../secret', '/%2e%2e/secret', '/..%2fsecret'])('%s is not there', async (path) => {
  expect(await status(path)).toBe(404);
});
