/** A large blob whose upload breaks off again and again goes on from what the registry has. */
import { createHash, randomBytes } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { Descriptor, Digest } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import { startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import { impatient } from './support/push.ts';

const MIB = 1024 * 1024;
const PIECE = randomBytes(MIB / 4);
const SIZE = 100 * MIB;
const RESETS = 5;

function* pieces(offset: number): Generator<Buffer> {
  for (let at = offset; at < SIZE; ) {
    const piece = PIECE.subarray(at % PIECE.length);
    yield piece;
    at += piece.length;
  }
}

test(`100 MiB with ${RESETS} resets bring the registry at most 110 MiB`, async () => {
  const hash = createHash('sha256');
  for (const piece of pieces(0)) hash.update(piece);
  const digest = `sha256:${hash.digest('hex')}` as Digest;
  const blob: Descriptor = { mediaType: 'application/octet-stream', digest, size: SIZE };
  let resets = 0;
  const server = await startRegistry({
    onRequest: ({ headers }) => {
      if (Number(headers['content-length'] ?? 0) < MIB || resets === RESETS) return undefined;
      resets += 1;
      return { kind: 'cut-request', after: 15 * MIB };
    },
  });
  // All that came out of its sockets, headers among it. What a reset caught in the kernel's buffers (2 to 3 MiB each time,
  // on loopback) never arrived, was never confirmed, and is sent again by any client.
  const sockets: Socket[] = [];
  const seen = (message: unknown) => sockets.push((message as { readonly socket: Socket }).socket);
  diagnostics.subscribe('net.server.socket', seen);
  const registry = new Registry({ registry: server.host, repository: 'faults/app' }, { timing: impatient() });
  try {
    await registry.push(blob, { open: (offset = 0) => Readable.from(pieces(offset), { objectMode: false }) });
    const arrived = sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
    const mebibytes = (bytes: number) => Number((bytes / MIB).toFixed(1));
    await keepFigures('resumed-upload', 'faults', {
      resets,
      'blob, MiB': mebibytes(SIZE),
      'arrived, MiB': mebibytes(arrived),
    });
    expect(resets).toBe(RESETS);
    expect(arrived).toBeGreaterThan(SIZE);
    expect(arrived / SIZE).toBeLessThanOrEqual(1.1);
    expect(server.blobs('faults/app').has(digest)).toBe(true);
  } finally {
    diagnostics.unsubscribe('net.server.socket', seen);
    registry.close();
    await server.close();
  }
});
