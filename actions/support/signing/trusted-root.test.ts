import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readNetwork } from '@tidegate/runner';
import { documentOf } from './trusted-root.ts';

let server: Server;
let url = '';
let sent = 0;
const LOCATIONS: Readonly<Record<string, string>> = {
  '/moved': '/root.json',
  '/plain': 'http://mirror.example/root.json',
  '/file': 'file:///etc/passwd',
  '/round': '/round',
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const location = LOCATIONS[request.url ?? ''];
    if (location) return response.writeHead(302, { location }).end();
    if (request.url === '/root.json') return response.end('{"a root": 1}');
    if (request.url !== '/endless') return response.writeHead(404).end();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', more);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const read = (given: string) =>
  documentOf('trusted-root', given, {
    workspace: '/nowhere',
    signal: new AbortController().signal,
    network: readNetwork({}),
  });

test('a mirror may move a document within itself', async () => {
  expect(Buffer.from(await read(`${url}/moved`)).toString()).toBe('{"a root": 1}');
});

test.each([
  ['that is not there', () => `${url}/nothing`, 'status 404'],
  ['over plain http', () => 'http://mirror.example/root.json', 'only https URLs are allowed'],
  ['that leads on to plain http', () => `${url}/plain`, 'only https URLs are allowed'],
  ['that leads on to a file', () => `${url}/file`, 'only https URLs are allowed'],
  ['that leads in a round', () => `${url}/round`, 'more than 5 redirects'],
  ['without an end', () => `${url}/endless`, 'too large'],
  ['of a folder that is not there', () => 'root.json', 'it does not exist'],
])('a document %s is refused', async (_, given, why) => {
  await expect(read(given())).rejects.toThrow(
    expect.objectContaining({ kind: 'bad-input', message: expect.stringContaining(why), next: expect.any(String) }),
  );
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});
