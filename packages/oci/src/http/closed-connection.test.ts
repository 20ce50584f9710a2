/** A response whose connection is closed before its reader has taken the first byte. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { Connections } from './http.ts';
import { blobOf, startRaw } from './raw-responses.fixture.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** As much as a response keeps for its reader: with the last byte, reading from the connection pauses. */
const { bytes } = blobOf(128 * 1024);
const chunked = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')]);

/** Read only after the other side has closed. */
async function readLate(text: string, body: Buffer): Promise<Buffer> {
  const server = await startRaw(undefined, (socket) => {
    socket.write(text);
    socket.end(body);
  });
  const connections = new Connections();
  open.push(server, connections);
  const response = await connections.send({ method: 'GET', url: new URL(`http://${server.host}/`), headers: {} });
  await wait(200);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const CLOSE = 'Connection: close\r\n\r\n';

test.each([
  ['with its length', `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n${CLOSE}`, bytes],
  ['in chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${CLOSE}`, chunked],
  ['without a length, of HTTP/1.1', `HTTP/1.1 200 OK\r\n${CLOSE}`, bytes],
  ['with its length, of HTTP/1.0', `HTTP/1.0 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`, bytes],
])('%s, it is whole', async (_, text, body) => {
  expect((await readLate(text, body)).equals(bytes)).toBe(true);
});

test.each([
  ['with its length', `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length + 1}\r\n${CLOSE}`, bytes],
  ['in chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${CLOSE}`, chunked.subarray(0, -10)],
])('%s, it is an error if its end is missing', async (_, text, body) => {
  await expect(readLate(text, body)).rejects.toThrow();
});
