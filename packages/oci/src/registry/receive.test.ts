import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf } from '@tidegate/core';
import { Buffers } from '../http/buffers.ts';
import type { Content } from '../store.ts';
import { receive, WRITE_SIZE } from './receive.ts';

const unheard: unknown[] = [];
const hear = (reason: unknown): void => {
  unheard.push(reason);
};
process.on('unhandledRejection', hear);
afterEach(async () => {
  await new Promise(setImmediate);
  expect(unheard.splice(0)).toEqual([]);
});

function blobOf(size: number) {
  const bytes = randomBytes(size);
  const blob: Descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size };
  return { bytes, blob };
}

/** In pieces of `step` bytes, which seldom end where a piece of the file does. */
function contentOf(bytes: Buffer, step: number): Content {
  return {
    open: () => {
      const parts = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) =>
        bytes.subarray(at * step, (at + 1) * step),
      );
      return Readable.from(parts);
    },
  };
}

/** A file that takes its time, and is full after so many writes. */
function slowFile(size: number, room = Number.POSITIVE_INFINITY) {
  const file = Buffer.alloc(size);
  const state = { writing: 0, most: 0, writes: 0 };
  return {
    file,
    state,
    async write(chunk: Uint8Array, position: number) {
      state.writing += 1;
      state.most = Math.max(state.most, state.writing);
      state.writes += 1;
      const full = state.writes > room;
      await new Promise(setImmediate);
      state.writing -= 1;
      if (full) throw new Error('no space left on device');
      file.set(chunk, position);
    },
  };
}

describe('content', () => {
  test.each([1000, 65_536, 100_003, WRITE_SIZE, 3 * WRITE_SIZE + 1])(
    'in chunks of %d bytes arrives as it is, and few pieces of it are on their way at once',
    async (step) => {
      const { bytes, blob } = blobOf(12 * WRITE_SIZE + 77);
      const sink = slowFile(blob.size);
      await receive(blob, contentOf(bytes, step), sink, 'here', new Buffers(WRITE_SIZE), {});
      expect(sink.file.equals(bytes)).toBe(true);
      // Data that comes in one chunk is taken whole: it is in memory anyway.
      if (step <= WRITE_SIZE) expect(sink.state.most).toBeLessThanOrEqual(3);
    },
  );

  test.each([0, 1, 2, 3, 5])(
    'that fills the disk after %d writes says so, and nothing goes on behind it',
    async (room) => {
      const { bytes, blob } = blobOf(5 * WRITE_SIZE + 77);
      for (const step of [65_536, 100_003, 2 * WRITE_SIZE]) {
        const sink = slowFile(blob.size, room);
        const failure = receive(blob, contentOf(bytes, step), sink, 'here', new Buffers(WRITE_SIZE), {});
        await expect(failure).rejects.toThrow('no space left');
        expect(sink.state.writing).toBe(0);
      }
    },
  );

  test('that is written at once needs one piece of memory, and arrives as it is', async () => {
    const { bytes, blob } = blobOf(5 * WRITE_SIZE + 77);
    for (const step of [1000, WRITE_SIZE, 2 * WRITE_SIZE + 1]) {
      const file = Buffer.alloc(blob.size);
      const buffers = new Buffers(WRITE_SIZE);
      const memory = buffers.take();
      buffers.give(memory);
      const write = (chunk: Uint8Array, position: number): undefined => {
        expect(chunk.buffer).toBe(memory.buffer);
        file.set(chunk, position);
      };
      await receive(blob, contentOf(bytes, step), { write }, 'here', buffers, {});
      expect(file.equals(bytes)).toBe(true);
      expect(buffers.take()).toBe(memory);
    }
  });

  test('of no bytes, and many at once, are distinguished', async () => {
    const buffers = new Buffers(WRITE_SIZE);
    const blobs = [0, 1, 70_000, WRITE_SIZE, 3 * WRITE_SIZE, 0].map(blobOf);
    const sinks = blobs.map(({ blob }) => slowFile(blob.size));
    await Promise.all(
      blobs.map(({ bytes, blob }, at) =>
        receive(blob, contentOf(bytes, 50_000), sinks[at] as (typeof sinks)[number], 'here', buffers, {}),
      ),
    );
    for (const [at, { bytes }] of blobs.entries()) expect(sinks[at]?.file.equals(bytes)).toBe(true);
  });

  test.each([
    [
      'a bit',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
      /hash to/,
    ],
    ['the last byte', (bytes: Buffer) => bytes.subarray(0, -1), /received \d+ bytes, expected/],
    ['a byte more', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]), /longer than/],
  ])('that differs in %s is refused', async (_what, spoil, why) => {
    const { bytes, blob } = blobOf(2 * WRITE_SIZE + 5);
    const content = contentOf(spoil(bytes), 65_536);
    const failure = receive(blob, content, slowFile(blob.size + 1), 'here', new Buffers(WRITE_SIZE), {});
    await expect(failure).rejects.toMatchObject({ kind: 'integrity', message: expect.stringMatching(why) });
  });
});
