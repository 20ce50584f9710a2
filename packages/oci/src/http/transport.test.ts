import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { type Descriptor, type Digest, deferred, MediaType } from '@tidegate/core';
import { type Fault, type OnRequest, type RecordedRequest, startRegistry } from '@tidegate/testkit';
import { copy } from '../copy/copy.ts';
import { put, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry, type RegistryOptions } from '../registry/registry.ts';

const base = scratchFolder('transport');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(onRequest: OnRequest, options: RegistryOptions = {}) {
  const server = await startRegistry({ onRequest });
  const timing = virtualTiming();
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing, ...options });
  open.push(server, registry);
  return { server, registry, timing };
}

/** One blob of `size` bytes in a layout: what is sent is read from a file. */
async function layoutWith(size: number) {
  const layout = await ImageLayout.create(mkdtempSync(join(base, 'layout-')));
  const bytes = randomBytes(size);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  const blob: Descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size };
  writeFileSync(layout.blobPath(blob), bytes);
  return { layout, blob, bytes };
}

/** The nth request of a method gets this fault. */
function faults(of: Readonly<Record<string, Fault>>): OnRequest {
  const seen = new Map<string, number>();
  return ({ method, url }: RecordedRequest) => {
    const what = `${method} ${url.includes('/blobs/sha256') ? 'blob' : 'other'}`;
    const count = (seen.get(what) ?? 0) + 1;
    seen.set(what, count);
    return of[`${what} ${count}`];
  };
}

const sent = (requests: readonly RecordedRequest[]) => requests.reduce((sum, { received }) => sum + received, 0);

describe('a blob from a file', () => {
  test.each([0, 1, 262_144, 262_145, 524_288, 1_500_000])('of %d bytes arrives as it is', async (size) => {
    const { layout, blob, bytes } = await layoutWith(size);
    const { registry } = await start(() => undefined);
    expect(await registry.push(blob, layout.content(blob))).toBe('sent');
    expect(bytes.equals(await registry.fetchBytes(blob))).toBe(true);
  });

  test('on a disk that lets others wait is read beside them, and goes on where it was cut', async () => {
    const { layout, blob, bytes } = await layoutWith(1_500_000);
    const { registry } = await start(faults({ 'PUT other 1': { kind: 'cut-request', after: 500_000 } }));
    const now = performance.now.bind(performance);
    let late = 0;
    // Every look at the clock finds it 5 ms further on: no read is a quick one.
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => {
      late += 5;
      return now() + late;
    });
    try {
      expect(await registry.push(blob, layout.content(blob))).toBe('sent');
    } finally {
      clock.mockRestore();
    }
    expect(bytes.equals(await registry.fetchBytes(blob))).toBe(true);
  });

  test('goes on where it was cut, five times over, and costs at most a tenth more', async () => {
    const { layout, blob, bytes } = await layoutWith(3_000_000);
    const cut: Fault = { kind: 'cut-request', after: 500_000 };
    const patches = Object.fromEntries([1, 2, 3, 4].map((at) => [`PATCH other ${at}`, cut]));
    const { registry, server } = await start(faults({ 'PUT other 1': cut, ...patches }));
    const resumed: number[] = [];
    let moved = 0;
    await registry.push(blob, layout.content(blob), {
      onResume: (offset) => resumed.push(offset),
      onBytes: (count) => (moved += count),
    });
    expect(resumed).toHaveLength(5);
    expect(moved).toBe(3_000_000);
    expect(sent(server.requests)).toBeLessThanOrEqual(3_300_000);
    expect(bytes.equals(await registry.fetchBytes(blob))).toBe(true);
  });
});

test('a body that is too large for the registry, or a proxy before it, goes in chunks from then on', async () => {
  const size = 5 * 1024 * 1024;
  const { layout, blob } = await layoutWith(size);
  const limit = 2 * 1024 * 1024;
  const { registry, server } = await start(({ headers }) =>
    Number(headers['content-length'] ?? 0) > limit ? { kind: 'answer', status: 413 } : undefined,
  );
  expect(await registry.push(blob, layout.content(blob))).toBe('sent');
  const ranges = server.requests
    .filter(({ method }) => method === 'PATCH')
    .map(({ headers }) => headers['content-range']);
  expect(ranges).toEqual(['0-1310719', '1310720-2621439', '2621440-3932159', '3932160-5242879']);
  expect(await registry.exists(blob)).toBe(true);
  const another = await layoutWith(size);
  const before = server.requests.length;
  await registry.push(another.blob, another.layout.content(another.blob));
  expect(server.requests.slice(before).some(({ status }) => status === 413)).toBe(false);
});

test.each([2, 3, 5, 9])(
  'a blob of %d MiB goes through a proxy that takes 1 MiB, as nginx does unasked',
  async (size) => {
    const { layout, blob } = await layoutWith(size * 1024 * 1024);
    const { registry } = await start(({ headers }) =>
      Number(headers['content-length'] ?? 0) > 1024 * 1024 ? { kind: 'answer', status: 413 } : undefined,
    );
    expect(await registry.push(blob, layout.content(blob))).toBe('sent');
    expect(await registry.exists(blob)).toBe(true);
  },
);

test('a body of the least that is tried and is still too large is an error', async () => {
  const { layout, blob } = await layoutWith(3 * 1024 * 1024);
  const { registry, server } = await start(({ headers }) =>
    Number(headers['content-length'] ?? 0) > 0 ? { kind: 'answer', status: 413 } : undefined,
  );
  await expect(registry.push(blob, layout.content(blob))).rejects.toMatchObject({ kind: 'registry' });
  expect(server.requests.filter(({ status }) => status === 413)).toHaveLength(2);
});

describe('a registry that says nothing', () => {
  test('is contacted twice, and then fails with the time waited', async () => {
    const { registry, server, timing } = await start(() => ({ kind: 'stall', done: false }), { idle: 300 });
    const error = await registry.resolve('latest').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'network' });
    expect(String(error)).toContain('no data received for 0.3 seconds');
    expect(server.requests).toHaveLength(2);
    expect(timing.sleeps).toHaveLength(1);
  });

  test('takes connections and is no HTTP server at all: likewise', async () => {
    let requests = 0;
    const server = createServer((socket) => {
      // undici may also open a connection that it does not use.
      socket.once('data', () => {
        requests += 1;
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const registry = new Registry(
      { registry: `127.0.0.1:${port}`, repository: 'acme/app' },
      { timing: virtualTiming(), idle: 300, insecure: [`127.0.0.1:${port}`] },
    );
    open.push(server, registry);
    await expect(registry.checkPush()).rejects.toMatchObject({ kind: 'network' });
    expect(requests).toBe(2);
  });
});

test('a kept connection that the other side had closed is replaced at once, without a pause', async () => {
  const { layout, blob } = await layoutWith(10);
  const { registry, timing, server } = await start(faults({ 'HEAD blob 2': { kind: 'reset' } }));
  await registry.push(blob, layout.content(blob));
  expect(await registry.exists(blob)).toBe(true);
  expect(timing.sleeps).toEqual([]);
  expect(server.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(3);
});

test('a pull goes on by Range where it was cut, and the report says so', async () => {
  const { layout, blob, bytes } = await layoutWith(2_000_000);
  const config = await put(layout, MediaType.config, { os: 'linux', architecture: 'amd64' });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [blob] };
  const root = await put(layout, MediaType.manifest, manifest);
  let cuts = 0;
  const { registry, server } = await start(({ method, url }) =>
    method === 'GET' && url.includes(blob.digest) && cuts++ < 3 ? { kind: 'cut-answer', after: 300_000 } : undefined,
  );
  await copy(layout, registry, [root], { referrers: false });
  const pulled = await ImageLayout.create(mkdtempSync(join(base, 'pulled-')));
  const report = await copy(registry, pulled, [root], { referrers: false });
  expect(report).toMatchObject({ sent: 3, resumed: 1 });
  expect(bytes.equals(await pulled.fetchBytes(blob))).toBe(true);
  expect(await pulled.root()).toMatchObject({ digest: root.digest });
  const ranges = server.requests.filter(({ url }) => url.includes(blob.digest)).map(({ headers }) => headers.range);
  expect(ranges.filter((range) => range !== undefined)).toEqual(['bytes=300000-', 'bytes=600000-', 'bytes=900000-']);
});

test('of a hundred blobs that are pushed at once, no more are on their way than the registry takes', async () => {
  let sending = 0;
  const { promise: quiet, resolve } = deferred<undefined>();
  const { registry, server } = await start(
    ({ method }) => {
      if (method !== 'PUT') return undefined;
      sending += 1;
      return quiet;
    },
    { maxSockets: 200 },
  );
  const pushed = Array.from({ length: 100 }, (_, at) => put(registry, MediaType.config, `{"at":${at}}`));
  const opened = () => server.requests.filter(({ method, status }) => method === 'POST' && status === 202).length;
  while (opened() < 100 || sending === 0) await wait(2);
  await wait(50);
  // The amount changes with each answer; it never is more than this.
  expect(sending).toBeLessThanOrEqual(64);
  resolve(undefined);
  await Promise.all(pushed);
  expect(sending).toBe(100);
}, 20_000);
