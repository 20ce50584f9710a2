import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { silenceOf } from './socket.ts';

/** In milliseconds. */
const PATIENCE = 150;

async function answerOf(greet: (connection: Socket) => void): Promise<string | undefined> {
  await using cleanup = new AsyncDisposableStack();
  const server = createServer((connection) => {
    cleanup.defer(() => void connection.destroy());
    connection.on('error', () => {});
    greet(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => void server.close());
  return await silenceOf({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, PATIENCE);
}

test('a server that sends its SETTINGS is there, in one piece or byte by byte', async () => {
  expect(await answerOf((one) => one.write(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0])))).toBeUndefined();
  expect(await answerOf((one) => one.write(Buffer.from([0])))).toBeUndefined();
});

test.each([
  ['takes the connection and says nothing', () => {}, /accepts connections but did not respond.*0\.15 s/],
  ['closes it', (one: Socket) => one.end(), /closes connections/],
  ['speaks HTTP/1', (one: Socket) => one.write('HTTP/1.1 400 Bad Request\r\n'), /not use HTTP\/2/],
  ['wants TLS', (one: Socket) => one.write(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])), /not use HTTP\/2/],
])('one that %s is not', async (_, greet, says) => {
  expect(await answerOf(greet)).toMatch(says);
});
