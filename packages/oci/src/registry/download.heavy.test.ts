import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Descriptor } from '@tidegate/core';
import { scratchFolder, virtualTiming } from '../fixture.ts';
import {
  type Answer,
  blobOf,
  head,
  type Identity,
  rest,
  selfSigned,
  startRaw,
  whole,
} from '../http/raw-responses.fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry, type RegistryOptions } from './registry.ts';

const base = scratchFolder('download');
let identity: Identity;
const open: { close(): unknown }[] = [];
const unheard: unknown[] = [];
const hear = (reason: unknown): void => {
  unheard.push(reason);
};
beforeAll(() => {
  process.on('unhandledRejection', hear);
  identity = selfSigned(base);
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  expect(unheard.splice(0)).toEqual([]);
});
afterAll(() => {
  process.off('unhandledRejection', hear);
  rmSync(base, { recursive: true, force: true });
});

/** The nth request of a test is answered by the nth of these, all further ones by the last. */
async function serve(secure: boolean, answers: readonly Answer[], options: RegistryOptions = {}) {
  const server = await startRaw(secure ? identity : undefined, (socket, one, nth) =>
    answers[Math.min(nth, answers.length - 1)]?.(socket, one),
  );
  const registry = new Registry(
    { registry: server.host, repository: 'acme/app' },
    { timing: virtualTiming(), ...(secure ? { ca: identity.cert } : { insecure: [server.host] }), ...options },
  );
  open.push(server, registry);
  return { registry, asked: server.asked, sockets: server.sockets };
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });

interface Taking {
  /** Told of each chunk; nothing more is read until its promise is kept. */
  readonly each?: (chunk: Buffer) => unknown;
  readonly onResume?: (offset: number) => void;
  readonly signal?: AbortSignal;
}

/** All of a body, unverified. */
async function taken(registry: Registry, blob: Descriptor, { each, onResume, signal }: Taking = {}): Promise<Buffer> {
  const parts: Buffer[] = [];
  const body = registry.content(blob, signal ? { signal } : {}).open(0, onResume);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    parts.push(chunk);
    await each?.(chunk);
  }
  return Buffer.concat(parts);
}

describe.each([
  ['in the clear', false],
  ['through TLS', true],
])('a long body %s', (_name, secure) => {
  test('arrives as it was sent, and its connection serves the next', async () => {
    const { bytes, blob } = blobOf(9 * 1024 * 1024);
    const { registry, asked } = await serve(secure, [whole(bytes)]);
    for (let turn = 0; turn < 3; turn += 1) expect((await taken(registry, blob)).equals(bytes)).toBe(true);
    expect(bytes.equals(await registry.fetchBytes(blob, { limit: bytes.length }))).toBe(true);
    expect(asked.map(({ connection }) => connection)).toEqual([1, 1, 1, 1]);
  });

  test('whose head comes in two pieces arrives as it was sent', async () => {
    const { bytes, blob } = blobOf(300_000);
    const torn: Answer = async (socket) => {
      socket.write(head(bytes.length).slice(0, -3));
      await wait(20);
      socket.write(Buffer.concat([Buffer.from('\n\r\n'), bytes]));
    };
    const { registry, asked } = await serve(secure, [torn, whole(bytes)]);
    for (let turn = 0; turn < 2; turn += 1) expect((await taken(registry, blob)).equals(bytes)).toBe(true);
    expect(asked.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  test('whose length is in a place that Node does not parse is rejected entirely', async () => {
    const { bytes, blob } = blobOf(300_000);
    const odd: Answer = (socket) => {
      const smuggled = `HTTP/1.1 200 OK\r\nX-Note: a\rContent-Length: ${bytes.length}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(smuggled), bytes]));
    };
    const { registry, sockets } = await serve(secure, [odd]);
    const each = jest.fn();
    await expect(taken(registry, blob, { each })).rejects.toMatchObject({ kind: 'network' });
    expect(each).not.toHaveBeenCalled();
    await Promise.all(sockets.map(closed));
  });

  test('that comes after an early hint arrives as it was sent', async () => {
    const { bytes, blob } = blobOf(300_000);
    const hinted: Answer = (socket, asked) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </>; rel=x\r\n\r\n');
      whole(bytes)(socket, asked);
    };
    const { registry } = await serve(secure, [hinted]);
    expect((await taken(registry, blob)).equals(bytes)).toBe(true);
  });

  test('that must not be read is not returned as the next response', async () => {
    const { bytes, blob } = blobOf(300_000);
    const partial: Answer = (socket) => {
      const range = `Content-Range: bytes 0-${bytes.length - 1}/${bytes.length}\r\n`;
      socket.write(Buffer.concat([Buffer.from(head(bytes.length, '206 Partial Content', range)), bytes]));
    };
    const { registry, asked } = await serve(secure, [partial, whole(bytes)]);
    // All of it was asked for: a part is no answer, and is read as what went wrong.
    await expect(taken(registry, blob)).rejects.toMatchObject({ kind: 'registry' });
    expect((await taken(registry, blob)).equals(bytes)).toBe(true);
    expect(asked.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('whose connection is not to be kept is whole all the same', async () => {
    const { bytes, blob } = blobOf(300_000);
    const last: Answer = (socket) => {
      socket.write(head(bytes.length, '200 OK', 'Connection: close\r\n'));
      socket.end(bytes);
    };
    const { registry, asked } = await serve(secure, [last]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await taken(registry, blob)).equals(bytes)).toBe(true);
    }
    expect(asked.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('in drops of every size arrives as it was sent', async () => {
    const { bytes, blob } = blobOf(700_000);
    const dribble: Answer = async (socket) => {
      socket.write(head(bytes.length).slice(0, 20));
      await wait(5);
      socket.write(head(bytes.length).slice(20));
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 60_013) {
        if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
      }
    };
    const { registry } = await serve(secure, [dribble]);
    expect((await taken(registry, blob)).equals(bytes)).toBe(true);
  });

  test('sixteen at once do not mix', async () => {
    const { bytes, blob } = blobOf(900_001);
    const { registry } = await serve(secure, [whole(bytes)]);
    const all = await Promise.all(Array.from({ length: 16 }, () => taken(registry, blob)));
    for (const one of all) expect(one.equals(bytes)).toBe(true);
  });

  test.each([
    ['where the server takes it up', (bytes: Buffer) => rest(bytes), [600_000]],
    ['from the start where the server knows of no ranges', (bytes: Buffer) => whole(bytes), []],
  ])('that is cut goes on, %s', async (_how, then, resumed) => {
    const { bytes, blob } = blobOf(2_000_000);
    const cut: Answer = (socket) => {
      socket.write(head(bytes.length));
      socket.end(bytes.subarray(0, 600_000));
    };
    const { registry, asked } = await serve(secure, [cut, then(bytes)]);
    const offsets: number[] = [];
    const onResume = (offset: number) => offsets.push(offset);
    expect((await taken(registry, blob, { onResume })).equals(bytes)).toBe(true);
    expect(asked.map(({ from }) => from)).toEqual([0, 600_000]);
    expect(offsets).toEqual(resumed);
  });

  test('that continues at another offset than requested is rejected', async () => {
    const { bytes, blob } = blobOf(1_000_000);
    const cut: Answer = (socket) =>
      socket.end(Buffer.concat([Buffer.from(head(1_000_000)), bytes.subarray(0, 300_000)]));
    const elsewhere: Answer = (socket) =>
      socket.write(head(7, '206 Partial Content', 'Content-Range: bytes 5-11/12\r\n'));
    const { registry } = await serve(secure, [cut, elsewhere]);
    await expect(taken(registry, blob)).rejects.toThrow(/the response starts at 5/);
  });

  test('that stalls is requested again, and fails in the end', async () => {
    const { bytes, blob } = blobOf(1_000_000);
    const stall: Answer = (socket) => socket.write(Buffer.concat([Buffer.from(head(1_000_000)), bytes.subarray(0, 9)]));
    const mended = await serve(secure, [stall, rest(bytes)], { idle: 150 });
    expect((await taken(mended.registry, blob)).equals(bytes)).toBe(true);
    const silent: Answer = (socket, { from }) =>
      socket.write(
        head(bytes.length - from, from > 0 ? '206 Partial Content' : '200 OK', `Content-Range: bytes ${from}-/*\r\n`),
      );
    const dead = await serve(secure, [stall, silent], { idle: 150 });
    const failure = taken(dead.registry, blob);
    await expect(failure).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringMatching(/no data received for 0.15 seconds/),
    });
    // Silence counts for three: twice at the most after the last byte.
    expect(dead.asked.length).toBeLessThanOrEqual(3);
  });

  test('is not read while its reader has enough, and ends with its reader’s signal', async () => {
    const { bytes, blob } = blobOf(32 * 1024 * 1024);
    const { registry, sockets } = await serve(secure, [whole(bytes)]);
    const stop = new AbortController();
    let total = 0;
    const each = (chunk: Buffer) => {
      total += chunk.length;
      return stop.signal.aborted || new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    };
    const outcome = expect(taken(registry, blob, { each, signal: stop.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    while (!sockets[0]?.writableLength) await wait(20);
    await wait(300);
    expect(total).toBeLessThan(512 * 1024);
    expect(sockets[0]?.writableLength).toBeGreaterThan(16 * 1024 * 1024);
    stop.abort();
    await outcome;
    await Promise.all(sockets.map(closed));
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no room');
      },
    ],
    ['fails later', () => Promise.reject(new Error('no room'))],
  ])('ends with what its reader %s, and so does its connection', async (_how, each) => {
    const { bytes, blob } = blobOf(3_000_000);
    const { registry, sockets } = await serve(secure, [whole(bytes)]);
    await expect(taken(registry, blob, { each })).rejects.toThrow('no room');
    await Promise.all(sockets.map(closed));
  });

  test('that runs over its length is right up to there, and its connection is not used again', async () => {
    const { bytes, blob } = blobOf(400_000);
    const over: Answer = (socket) =>
      socket.write(Buffer.concat([Buffer.from(head(400_000)), bytes, randomBytes(20_000)]));
    const { registry, asked } = await serve(secure, [over]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await taken(registry, blob)).equals(bytes)).toBe(true);
    }
    expect(asked.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test.each([
    ['more', 500_000, /longer than the 400000 bytes in the descriptor/],
    ['less', 300_000, /received 300000 bytes, expected 400000/],
  ])('whose length is %s than described gets into no layout', async (_how, length, why) => {
    const { blob } = blobOf(400_000);
    const { registry } = await serve(secure, [whole(randomBytes(length))]);
    const layout = await ImageLayout.create(join(base, `layout-${secure}-${length}`));
    const failure = layout.push(blob, registry.content(blob));
    await expect(failure).rejects.toMatchObject({ kind: 'integrity', message: expect.stringMatching(why) });
    expect(await layout.exists(blob)).toBe(false);
  });

  test('with a length and in chunks besides is no answer', async () => {
    const { bytes, blob } = blobOf(400_000);
    const both = 'HTTP/1.1 200 OK\r\nContent-Length: 400000\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { registry } = await serve(secure, [(socket) => socket.write(both) && socket.write(bytes)]);
    await expect(taken(registry, blob)).rejects.toMatchObject({ kind: 'network' });
  });

  test('in chunks arrives as it was sent', async () => {
    const { bytes, blob } = blobOf(400_000);
    const chunked: Answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write(
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')]),
      );
    };
    const { registry } = await serve(secure, [chunked]);
    expect((await taken(registry, blob)).equals(bytes)).toBe(true);
  });
});
