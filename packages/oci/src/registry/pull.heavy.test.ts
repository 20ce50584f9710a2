import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { copy } from '../copy/copy.ts';
import type { CopyEvent } from '../copy/report.ts';
import { scratchFolder, virtualTiming } from '../fixture.ts';
import {
  type Asked,
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

const base = scratchFolder('pull');
const open: { close(): unknown }[] = [];
const MIB = 1024 * 1024;
let identity: Identity;
beforeAll(() => {
  identity = selfSigned(base);
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const LAYERS = {
  large: Array.from({ length: 5 }, () => blobOf(9 * MIB + 17)),
  small: Array.from({ length: 40 }, () => blobOf(MIB + 13)),
};
/** Deviation of the layers' answers; undefined: none. `nth` counts the requests for that layer from 0. */
type Odd = (
  socket: Socket,
  asked: Asked,
  layer: { readonly bytes: Buffer; readonly at: number; readonly nth: number },
) => true | undefined;

interface Setting {
  readonly secure?: boolean;
  readonly layers?: readonly ReturnType<typeof blobOf>[];
  readonly odd?: Odd;
  readonly options?: RegistryOptions;
}

/** A registry with one image of these layers. */
async function serve({ secure = false, layers = LAYERS.large, odd, options }: Setting) {
  const config = Buffer.from(
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      config: { mediaType: MediaType.config, digest: digestOf(config), size: config.length },
      layers: layers.map(({ blob }) => blob),
    }),
  );
  const root: Descriptor = { mediaType: MediaType.manifest, digest: digestOf(manifest), size: manifest.length };
  const times = new Map<number, number>();
  const server = await startRaw(secure ? identity : undefined, (socket, asked) => {
    const at = layers.findIndex(({ blob }) => asked.path.includes(blob.digest));
    const bytes = layers[at]?.bytes;
    if (bytes) {
      const nth = times.get(at) ?? 0;
      times.set(at, nth + 1);
      if (odd?.(socket, asked, { bytes, at, nth })) return;
      (asked.from > 0 ? rest : whole)(bytes)(socket, asked);
    } else if (asked.path.endsWith(root.digest) || asked.path.endsWith('/v1')) {
      const more = `Content-Type: ${root.mediaType}\r\nDocker-Content-Digest: ${root.digest}\r\n`;
      socket.write(head(manifest.length, '200 OK', more));
      socket.write(manifest);
    } else if (asked.path.endsWith(digestOf(config))) whole(config)(socket, asked);
    else socket.write(head(0, '404 Not Found'));
  });
  const registry = new Registry(
    { registry: server.host, repository: 'acme/app' },
    { timing: virtualTiming(), ...(secure ? { ca: identity.cert } : {}), ...options },
  );
  open.push(server, registry);
  const layout = await ImageLayout.create(mkdtempSync(join(base, 'layout-')));
  const of = (at: number) => server.asked.filter(({ path }) => path.includes(layers[at]?.blob.digest ?? ''));
  return { ...server, registry, layout, root, of, layers };
}
type Served = Awaited<ReturnType<typeof serve>>;

function pull(
  { registry, layout, root }: Served,
  more: { readonly signal?: AbortSignal; readonly onEvent?: (event: CopyEvent) => void } = {},
) {
  return copy(registry, layout, [root], { referrers: false, ...more });
}

/** All is there and right, and nothing is left of how it came. */
function expectWhole({ layout, layers }: Served): void {
  for (const { bytes, blob } of layers) expect(readFileSync(layout.blobPath(blob)).equals(bytes)).toBe(true);
  expect(leftIn(layout)).toEqual([]);
}
const leftIn = (layout: ImageLayout) => readdirSync(layout.folder).filter((name) => name.startsWith('.tidegate'));

const once =
  (at: number, act: (socket: Socket, bytes: Buffer, asked: Asked) => unknown): Odd =>
  (socket, asked, layer) => {
    if (layer.at !== at || layer.nth > 0) return undefined;
    act(socket, layer.bytes, asked);
    return true;
  };

describe.each([
  ['in the clear', false],
  ['through TLS', true],
])('a whole image %s', (_name, secure) => {
  test.each(['large', 'small'] as const)(
    'many %s layers arrive as they were sent, on few connections',
    async (size) => {
      const served = await serve({ secure, layers: LAYERS[size] });
      const moved = new Map<string, number>();
      const report = await pull(served, {
        onEvent: (event) => {
          if (event.kind !== 'progress') return;
          expect(event.moved).toBeGreaterThan(moved.get(event.descriptor.digest) ?? 0);
          moved.set(event.descriptor.digest, event.moved);
        },
      });
      expectWhole(served);
      expect(report).toMatchObject({ sent: served.layers.length + 2, resumed: 0 });
      for (const { blob } of served.layers) expect(moved.get(blob.digest)).toBe(blob.size);
      expect(served.asked.length).toBeLessThan(served.layers.length + 6);
      expect(new Set(served.asked.map(({ connection }) => connection)).size).toBeLessThan(20);
    },
  );

  test('a layer whose connection is cut goes on from where it was', async () => {
    const cut = once(1, (socket, bytes) => {
      socket.write(head(bytes.length));
      socket.end(bytes.subarray(0, 5 * MIB));
    });
    const served = await serve({ secure, odd: cut });
    const resumed: number[] = [];
    const report = await pull(served, { onEvent: (event) => event.kind === 'resumed' && resumed.push(event.offset) });
    expectWhole(served);
    expect(report.resumed).toBe(1);
    expect(resumed).toEqual(
      served
        .of(1)
        .slice(1)
        .map(({ from }) => from),
    );
    expect(resumed).toEqual([5 * MIB]);
  });

  test('a stalled layer is requested again', async () => {
    const stall = once(2, (socket, bytes) => {
      socket.write(head(bytes.length));
      socket.write(bytes.subarray(0, 3 * MIB));
    });
    const served = await serve({ secure, odd: stall, options: { idle: 2000 } });
    await pull(served);
    expectWhole(served);
    expect(served.of(2)[1]?.from).toBe(3 * MIB);
  });

  test.each([
    [
      'a refusal that passes',
      (socket: Socket) => socket.write(head(0, '503 Service Unavailable', 'Retry-After: 1\r\n')),
    ],
    ['a limit', (socket: Socket) => socket.write(head(0, '429 Too Many Requests'))],
    ['a closed connection', (socket: Socket) => socket.destroy()],
    [
      'a body in chunks',
      (socket: Socket, bytes: Buffer) => {
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`);
        socket.write(bytes);
        socket.write('\r\n0\r\n\r\n');
      },
    ],
    [
      'a last answer',
      (socket: Socket, bytes: Buffer) => {
        socket.write(head(bytes.length, '200 OK', 'Connection: close\r\n'));
        socket.end(bytes);
      },
    ],
    [
      'a redirect',
      (socket: Socket, _: Buffer, { path }: Asked) =>
        socket.write(head(0, '307 Temporary Redirect', `Location: ${path}?elsewhere\r\n`)),
    ],
    [
      'more than its length',
      (socket: Socket, bytes: Buffer) => socket.write(Buffer.concat([Buffer.from(head(bytes.length)), bytes, bytes])),
    ],
  ])('after %s all layers are there', async (_what, act) => {
    const served = await serve({ secure, layers: LAYERS.small, odd: once(7, act) });
    await pull(served);
    expectWhole(served);
  });

  test.each([
    ['other bytes', (bytes: Buffer) => Buffer.from(bytes).fill(1, 0, 1), /hash to sha256:/],
    ['fewer bytes', (bytes: Buffer) => bytes.subarray(1), /received \d+ bytes, expected/],
    ['more bytes', (bytes: Buffer) => Buffer.concat([bytes, bytes.subarray(0, 1)]), /in the descriptor/],
  ])('%s than described get into no layout', async (_what, spoil, why) => {
    const wrong: Odd = (socket, asked, { at, bytes }) => {
      if (at !== 3) return undefined;
      whole(spoil(bytes))(socket, asked);
      return true;
    };
    const served = await serve({ secure, odd: wrong });
    await expect(pull(served)).rejects.toMatchObject({ kind: 'integrity', message: expect.stringMatching(why) });
    expect(await served.layout.exists(served.layers[3]?.blob as Descriptor)).toBe(false);
    expect(leftIn(served.layout)).toEqual([]);
  });

  test.each(['large', 'small'] as const)('who throws when told of bytes of %s layers ends the copy', async (size) => {
    const served = await serve({ secure, layers: LAYERS[size] });
    const thrown = new Error('no more room for a line of progress');
    const onEvent = (event: CopyEvent): void => {
      if (event.kind === 'progress' && event.descriptor.size > MIB) throw thrown;
    };
    await expect(pull(served, { onEvent })).rejects.toBe(thrown);
    expect(leftIn(served.layout)).toEqual([]);
  });

  test('a copy that is cancelled ends at once, and leaves no connection and no half of a file', async () => {
    const stop = new AbortController();
    let begun = 0;
    const still: Odd = (socket, _, { bytes }) => {
      socket.write(head(bytes.length));
      socket.write(bytes.subarray(0, MIB));
      begun += 1;
      return true;
    };
    const served = await serve({ secure, odd: still });
    const pulling = expect(pull(served, { signal: stop.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    while (begun < 4) await wait(5);
    stop.abort();
    await pulling;
    expect(leftIn(served.layout)).toEqual([]);
    const reading = new Set(served.layers.flatMap((_, at) => served.of(at).map(({ connection }) => connection)));
    expect(reading.size).toBeGreaterThan(1);
    while (![...reading].every((connection) => served.sockets[connection - 1]?.destroyed)) await wait(5);
  });
});
