import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { scratchFolder, virtualTiming } from '../fixture.ts';
import { type Answer, blobOf, head, startRaw } from '../http/raw-responses.fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from './registry.ts';

const base = scratchFolder('download');
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** The nth request of a test is answered by the nth of these. */
async function serve(answers: readonly Answer[]) {
  const server = await startRaw(undefined, (socket, one, nth) => answers[nth]?.(socket, one));
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(server, registry);
  return { registry, asked: server.asked, sockets: server.sockets };
}

describe('a body that lacks nothing but its end', () => {
  const { bytes, blob } = blobOf(100_000);
  const cut: Answer = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`);
    socket.end(bytes);
  };
  const refuse: Answer = (socket) => socket.write(head(0, '416 Range Not Satisfiable'));

  test('is whole in a layout', async () => {
    const { registry, asked } = await serve([cut, refuse]);
    const layout = await ImageLayout.create(mkdtempSync(join(base, 'layout-')));
    await layout.push(blob, registry.content(blob));
    expect(await layout.fetchBytes(blob)).toEqual(bytes);
    expect(asked).toHaveLength(1);
  });

  test('is whole as a stream', async () => {
    const { registry, asked } = await serve([cut, refuse]);
    expect(await registry.fetchBytes(blob)).toEqual(bytes);
    expect(asked).toHaveLength(1);
  });
});

test('a stream that continues at another offset than requested fails, and its connection is closed', async () => {
  const { bytes, blob } = blobOf(100_000);
  const { registry, sockets } = await serve([
    (socket) => {
      socket.write(head(bytes.length));
      socket.end(bytes.subarray(0, 50_000));
    },
    (socket) => {
      socket.write(head(40_000, '206 Partial Content', 'Content-Range: bytes 60000-99999/100000\r\n'));
      socket.write(bytes.subarray(60_000, 70_000));
    },
  ]);
  await expect(registry.fetchBytes(blob)).rejects.toMatchObject({ kind: 'registry' });
  const [, second] = sockets;
  if (second && !second.closed) await once(second, 'close');
});
