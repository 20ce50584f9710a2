import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { startSlowLink } from './slow-link.ts';

/** Sends back as many bytes as it received, after the other side has ended. */
async function startEcho() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function exchange(host: string, sent: Buffer): Promise<{ bytes: Buffer; milliseconds: number }> {
  const started = performance.now();
  const socket = connect({ port: Number(host.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true });
  socket.end(sent);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), milliseconds: performance.now() - started };
}

test('a long line brings every byte, two round trips after it was opened: one is the handshake', async () => {
  await using echo = await startEcho();
  await using link = await startSlowLink({ target: echo.host, roundTrip: 40 });
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));
  const { bytes, milliseconds } = await exchange(link.host, sent);
  expect(bytes.equals(sent)).toBe(true);
  expect(milliseconds).toBeGreaterThanOrEqual(79);
  expect(link.connections).toBe(1);
});

test('a handshake does not block other connections', async () => {
  await using echo = await startEcho();
  await using link = await startSlowLink({ target: echo.host, roundTrip: 400 });
  const port = Number(link.host.split(':')[1]);
  const standing = connect({ port, host: '127.0.0.1' });
  standing.write('first');
  await once(standing, 'data');
  const other = connect({ port, host: '127.0.0.1' });
  other.write('x');
  // Wait until the link has accepted it.
  while (link.connections < 2) await new Promise(setImmediate);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const started = performance.now();
  standing.write('second');
  await once(standing, 'data');
  // Only one round trip: with the handshake of the other connection it would be two.
  expect(performance.now() - started).toBeLessThan(650);
  for (const socket of [standing, other]) socket.destroy();
});

test('a narrow line takes its time for the bytes, however many connections share it', async () => {
  await using echo = await startEcho();
  await using link = await startSlowLink({ target: echo.host, roundTrip: 2, bytesPerSecond: 1_000_000 });
  const started = performance.now();
  await Promise.all([1, 2].map(() => exchange(link.host, Buffer.alloc(50_000))));
  expect(performance.now() - started).toBeGreaterThanOrEqual(99);
});

test('a connection that breaks on one side breaks on the other', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using link = await startSlowLink({ target, roundTrip: 2 });
  const socket = connect({ port: Number(link.host.split(':')[1]), host: '127.0.0.1' });
  socket.on('error', () => undefined).write('hello');
  await once(socket, 'close');
  server.close();
  await once(server, 'close');
});

test('one who reads nothing for a while gets every byte, and is not waited for once for each chunk', async () => {
  await using echo = await startEcho();
  await using link = await startSlowLink({ target: echo.host, roundTrip: 2 });
  const waiting = jest.spyOn(Socket.prototype, 'once');
  try {
    const socket = connect({ port: Number(link.host.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true });
    const sent = Buffer.alloc(32 * 1024 * 1024, 'x');
    socket.end(sent);
    await new Promise((resolve) => setTimeout(resolve, 200));
    let bytes = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(sent.length);
    expect(waiting.mock.calls.filter(([event]) => String(event) === 'drain').length).toBeLessThan(10);
  } finally {
    waiting.mockRestore();
  }
});
