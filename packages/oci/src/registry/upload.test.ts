import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Descriptor, Digest } from '@tidegate/core';
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { virtualTiming } from '../fixture.ts';
import type { Content } from '../store.ts';
import { Registry, type RegistryOptions } from './registry.ts';
import { confirmedBytes } from './upload.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const SIZE = 3_000_000;
const bytes = randomBytes(SIZE);
const blob: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest,
  size: SIZE,
};
const content: Content = { open: (offset = 0) => Readable.from(pieces(bytes.subarray(offset)), { objectMode: false }) };
function* pieces(rest: Buffer): Generator<Buffer> {
  for (let at = 0; at < rest.length; at += 65_536) yield rest.subarray(at, at + 65_536);
}

/** @param faults by how often the same method has been seen, from 1 */
async function start(faults: Readonly<Record<string, Fault>> = {}, options: RegistryOptions = {}) {
  const seen = new Map<string, number>();
  const onRequest = ({ method }: RecordedRequest): Fault | undefined => {
    const count = (seen.get(method) ?? 0) + 1;
    seen.set(method, count);
    return faults[`${method} ${count}`];
  };
  const server = await startRegistry({ onRequest });
  const timing = virtualTiming();
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing, ...options });
  open.push(server, registry);
  return { server, registry, timing };
}

const received = (server: RegistryServer) => server.requests.reduce((sum, request) => sum + request.received, 0);
const methods = (server: RegistryServer) => server.requests.map(({ method }) => method).join(' ');
const answer = (status: number, code = 'UNKNOWN', headers = {}): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ errors: [{ code, message: 'by order' }] }),
});

test('a blob goes up in one PUT, and is not sent when it is there', async () => {
  const { registry, server } = await start();
  let moved = 0;
  expect(await registry.push(blob, content, { onBytes: (count) => (moved += count) })).toBe('sent');
  expect(methods(server)).toBe('HEAD POST PUT');
  expect(moved).toBe(SIZE);
  expect(await registry.push(blob, content)).toBe('present');
  expect(received(server)).toBe(SIZE);
});

test('requests one after the other share one connection', async () => {
  const { registry, server } = await start();
  await registry.checkPush();
  await registry.push(blob, content);
  await expect(registry.resolve('none')).rejects.toMatchObject({ kind: 'not-found' });
  expect(await registry.exists(blob)).toBe(true);
  expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(1);
});

test('an empty blob goes up too', async () => {
  const { registry } = await start();
  const empty = `sha256:${createHash('sha256').digest('hex')}` as Digest;
  const descriptor = { ...blob, digest: empty, size: 0 };
  expect(await registry.push(descriptor, { open: () => Readable.from([]) })).toBe('sent');
  expect(await registry.exists(descriptor)).toBe(true);
});

describe('a mount', () => {
  test('moves no byte', async () => {
    const { registry, server } = await start();
    const other = new Registry({ registry: server.host, repository: 'acme/base' }, {});
    open.push(other);
    await other.push(blob, content);
    const before = received(server);
    expect(await registry.push(blob, content, { mountFrom: ['acme/none', 'acme/base'] })).toBe('mounted');
    expect(received(server)).toBe(before);
    expect(await registry.exists(blob)).toBe(true);
  });

  test.each([
    ['the other repository has it not', {}],
    ['the registry forbids it', { 'POST 1': answer(403, 'DENIED') }],
    ['the registry has no mounts', { 'POST 1': answer(404, 'NAME_UNKNOWN') }],
  ])('that fails becomes an upload: %s', async (_, faults) => {
    const { registry } = await start(faults);
    expect(await registry.push(blob, content, { mountFrom: ['acme/none'] })).toBe('sent');
  });
});

test('a push that is cancelled at its second mount gives up the upload that the first one opened', async () => {
  const stop = new AbortController();
  const { registry, server } = await start({ 'POST 2': { kind: 'stall', done: false } });
  const mountFrom = ['acme/none', 'acme/neither'];
  const pushing = registry.push(blob, content, { signal: stop.signal, mountFrom });
  while (server.requests.length < 3) await wait(1);
  stop.abort();
  await expect(pushing).rejects.toMatchObject({ kind: 'cancelled' });
  expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', status: 204 });
});

describe('an upload that is cut', () => {
  test('goes on from what the registry has confirmed, and progress counts no byte twice', async () => {
    const { registry, server } = await start({ 'PUT 1': { kind: 'cut-request', after: 2_000_000 } });
    let moved = 0;
    expect(await registry.push(blob, content, { onBytes: (count) => (moved += count) })).toBe('sent');
    expect(methods(server)).toBe('HEAD POST PUT GET PATCH PUT');
    expect(received(server)).toBe(SIZE);
    expect(moved).toBe(SIZE);
    expect(await registry.exists(blob)).toBe(true);
  });

  test('five times costs at most a tenth more', async () => {
    const { registry, server } = await start({
      'PUT 1': { kind: 'cut-request', after: 500_000 },
      'PATCH 1': { kind: 'cut-request', after: 500_000 },
      'PATCH 2': { kind: 'cut-request', after: 500_000 },
      'PATCH 3': { kind: 'cut-request', after: 500_000 },
      'PATCH 4': { kind: 'cut-request', after: 500_000 },
    });
    expect(await registry.push(blob, content)).toBe('sent');
    expect(received(server)).toBeLessThanOrEqual(SIZE * 1.1);
  });

  test('begins anew where the registry has forgotten it', async () => {
    const { registry, server } = await start({
      'PUT 1': { kind: 'cut-request', after: 1_000_000 },
      'GET 1': answer(404, 'BLOB_UPLOAD_UNKNOWN'),
    });
    expect(await registry.push(blob, content)).toBe('sent');
    expect(methods(server)).toBe('HEAD POST PUT GET HEAD POST PUT');
  });

  test("restarts if the registry's offset differs from the one it reported (416)", async () => {
    const { registry, server } = await start({
      'PUT 1': { kind: 'cut-request', after: 1_000_000 },
      'PATCH 1': answer(416, 'BLOB_UPLOAD_INVALID'),
    });
    expect(await registry.push(blob, content)).toBe('sent');
    expect(methods(server)).toBe('HEAD POST PUT GET PATCH POST PUT');
  });

  test('is not sent again when only the answer was lost', async () => {
    const { registry, server } = await start({ 'PUT 1': { kind: 'lose-answer' } });
    expect(await registry.push(blob, content)).toBe('sent');
    expect(received(server)).toBe(SIZE);
    expect(methods(server)).toBe('HEAD POST PUT GET HEAD');
  });
});

describe('a registry in trouble', () => {
  test.each([408, 429, 500, 502, 503, 504])('answers %i twice, and the push goes well', async (status) => {
    const { registry, timing } = await start({ 'POST 1': answer(status), 'POST 2': answer(status) });
    expect(await registry.push(blob, content)).toBe('sent');
    expect(timing.sleeps).toHaveLength(2);
  });

  test.each([
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
  ])('is given the time it asks for: Retry-After %s', async (retryAfter, wait) => {
    const { registry, timing } = await start({
      'POST 1': answer(429, 'TOOMANYREQUESTS', { 'retry-after': retryAfter }),
    });
    await registry.push(blob, content);
    expect(timing.sleeps[0]).toBeGreaterThanOrEqual(wait);
    expect(timing.sleeps[0]).toBeLessThan(wait + 1_000);
  });

  test("fails after the retries with the registry's message, and every pause is reported", async () => {
    const told: number[] = [];
    const faults = Object.fromEntries([1, 2, 3, 4, 5, 6].map((count) => [`POST ${count}`, answer(503, 'UNAVAILABLE')]));
    const { registry, server } = await start(faults, { onRetry: ({ attempt }) => told.push(attempt) });
    await expect(registry.push(blob, content)).rejects.toMatchObject({
      kind: 'registry',
      message: `${server.host}/acme/app: push of blob ${blob.digest}: the registry responded with 503 (UNAVAILABLE: by order).`,
      next: expect.any(String),
    });
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  test('resets connections, and the push goes well', async () => {
    const { registry } = await start({
      'HEAD 1': { kind: 'reset' },
      'POST 1': { kind: 'reset' },
      'PUT 1': { kind: 'reset' },
    });
    expect(await registry.push(blob, content)).toBe('sent');
  });

  test('rejects, and is not retried', async () => {
    const { registry, timing } = await start({ 'PUT 1': answer(403, 'DENIED') });
    await expect(registry.push(blob, content)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(timing.sleeps).toEqual([]);
  });

  test('refuses in the middle of a large body, and its words are still heard', async () => {
    const large = answer(413, 'SIZE_INVALID');
    const { registry } = await start({ 'PUT 1': large, 'PATCH 1': large });
    await expect(registry.push(blob, content)).rejects.toMatchObject({
      message: expect.stringMatching(/413 \(SIZE_INVALID/),
    });
  });

  test('stores other content than was sent, and that is noticed', async () => {
    const lie = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` };
    const { registry } = await start({ 'PUT 1': { kind: 'headers', headers: lie } });
    await expect(registry.push(blob, content)).rejects.toMatchObject({ kind: 'registry' });
  });
});

describe('content that is other than described', () => {
  test.each([
    ['other bytes', Buffer.concat([bytes.subarray(1), Buffer.from('x')])],
    ['too few', bytes.subarray(0, SIZE - 1)],
    ['too many', Buffer.concat([bytes, Buffer.from('x')])],
  ])('never reaches the registry whole: %s', async (_, wrong) => {
    const { registry, server } = await start();
    const pushing = registry.push(blob, { open: () => Readable.from(pieces(wrong), { objectMode: false }) });
    await expect(pushing).rejects.toMatchObject({ kind: 'integrity' });
    expect(server.requests.filter(({ status }) => status === 201)).toEqual([]);
    expect(received(server)).toBeLessThan(SIZE);
  });

  test('that cannot be read is that error, not one of the network', async () => {
    const { registry } = await start();
    const broken: Content = {
      open: () =>
        new Readable({
          read() {
            this.destroy(Object.assign(new Error('EIO: disk'), { code: 'EIO' }));
          },
        }),
    };
    await expect(registry.push(blob, broken)).rejects.toMatchObject({ message: expect.stringMatching(/EIO: disk/) });
  });
});

test('a push that is cancelled ends at once and gives its upload up', async () => {
  const stop = new AbortController();
  const { registry, server } = await start();
  const pushing = registry.push(blob, content, { signal: stop.signal, onBytes: () => stop.abort() });
  await expect(pushing).rejects.toMatchObject({ kind: 'cancelled' });
  expect(server.requests.at(-1)?.method).toBe('DELETE');
});

test('a push that is cancelled does not wait for another push of the same blob', async () => {
  const { registry } = await start({ 'PUT 1': { kind: 'stall', done: false } });
  const [first, second] = [new AbortController(), new AbortController()];
  const pushing = registry.push(blob, content, { signal: first.signal });
  const waiting = registry.push(blob, content, { signal: second.signal });
  second.abort();
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  first.abort();
  await expect(pushing).rejects.toMatchObject({ kind: 'cancelled' });
});

test.each([
  ['0-99', 100],
  ['bytes=0-99', 100],
  ['0-0', 0],
  ['5-9', 0],
  ['rubbish', 0],
  [undefined, 0],
])('Range %s confirms %i bytes', (range, confirmed) => {
  expect(confirmedBytes(range)).toBe(confirmed);
});
