import { afterEach, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '@tidegate/core';
import { type Fault, type RecordedRequest, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, virtualTiming } from '../fixture.ts';
import { Registry } from './registry.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

type TagFault = (request: RecordedRequest, nth: number) => Fault | undefined | Promise<Fault | undefined>;

/** Three images; the tag `v1` is on the first. @param fault asked for each request about the tag, from 1, once armed */
async function start(options: RegistryServerOptions = {}) {
  let fault: TagFault | undefined;
  const seen = new Map<string, number>();
  const server = await startRegistry({
    ...options,
    onRequest: (request) => {
      if (!fault || !request.url.endsWith('/manifests/v1') || request.headers['user-agent'] !== 'tidegate') return;
      seen.set(request.method, (seen.get(request.method) ?? 0) + 1);
      return fault(request, seen.get(request.method) ?? 1);
    },
  });
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(server, registry);
  const images: Descriptor[] = [];
  for (const platform of ['linux/amd64', 'linux/arm64', 'linux/s390x']) images.push(await addImage(registry, platform));
  const [before, ours, theirs] = images as [Descriptor, Descriptor, Descriptor];
  await registry.moveTag(before, 'v1');
  const move = (to: Descriptor) => server.setTag('acme/app', 'v1', to.digest);
  const now = () => server.tags('acme/app').get('v1');
  const puts = () => server.requests.filter(({ method, url }) => method === 'PUT' && url.endsWith('/v1')).slice(1);
  return { registry, before, ours, theirs, move, now, puts, arm: (given: TagFault) => (fault = given) };
}

describe.each([{ conditions: true }, { conditions: false }])('a tag (If-Match heeded: $conditions)', (options) => {
  test('moves from where it was, is set where there was none, and stays where it is right', async () => {
    const { registry, before, ours, now } = await start(options);
    expect(await registry.moveTag(ours, 'v1', { from: before.digest })).toBe('moved');
    expect(now()).toBe(ours.digest);
    expect(await registry.moveTag(ours, 'v1', { from: before.digest })).toBe('unchanged');
    expect(await registry.moveTag(ours, 'new', { from: 'nothing' })).toBe('set');
  });

  test('that moved since it was last looked at is reported, and not overwritten', async () => {
    const { registry, before, ours, theirs, now, move, puts } = await start(options);
    move(theirs);
    await expect(registry.moveTag(ours, 'v1', { from: before.digest })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`moved it from ${before.digest} to ${theirs.digest} meanwhile`),
      next: expect.any(String),
    });
    await expect(registry.moveTag(ours, 'v1', { from: 'nothing' })).rejects.toMatchObject({ kind: 'conflict' });
    expect([now(), puts()]).toEqual([theirs.digest, []]);
  });

  test('is overwritten by a caller that does not state the expected digest', async () => {
    const { registry, ours, theirs, now, move } = await start(options);
    move(theirs);
    expect(await registry.moveTag(ours, 'v1')).toBe('moved');
    expect(now()).toBe(ours.digest);
  });

  test.each([{ kind: 'lose-answer' }, { kind: 'reset' }, { kind: 'answer', status: 503 }] satisfies Fault[])(
    'is read before a retry (%j): another client may have moved it',
    async (fault) => {
      const { registry, before, ours, theirs, now, move, arm } = await start(options);
      arm(({ method }, nth) => {
        if (method === 'PUT' && nth === 1) return fault;
        if (method === 'HEAD' && nth === 2) move(theirs);
        return undefined;
      });
      await expect(registry.moveTag(ours, 'v1', { from: before.digest })).rejects.toMatchObject({ kind: 'conflict' });
      expect(now()).toBe(theirs.digest);
    },
  );

  test('whose answer was lost is written once', async () => {
    const { registry, before, ours, puts, arm } = await start(options);
    arm(({ method }) => (method === 'PUT' ? { kind: 'lose-answer' } : undefined));
    expect(await registry.moveTag(ours, 'v1', { from: before.digest })).toBe('moved');
    expect(puts()).toHaveLength(1);
  });

  test('is read again where a copy lags behind', async () => {
    const { registry, before, ours, arm } = await start(options);
    arm(({ method }, nth) =>
      method === 'HEAD' && (nth === 2 || nth === 3)
        ? {
            kind: 'headers',
            headers: { 'docker-content-digest': before.digest, 'content-length': String(before.size) },
          }
        : undefined,
    );
    expect(await registry.moveTag(ours, 'v1', { from: before.digest })).toBe('moved');
  });

  test('that the registry takes and does not keep is no success', async () => {
    const { registry, before, ours, arm } = await start(options);
    arm(({ method }) => (method === 'PUT' ? { kind: 'answer', status: 201 } : undefined));
    await expect(registry.moveTag(ours, 'v1', { from: before.digest })).rejects.toMatchObject({ id: 'tag-not-set' });
  });
});

test('a tag that another client moves between our read and our write is not overwritten if the registry honors If-Match', async () => {
  const { registry, before, ours, theirs, now, move, arm } = await start({ conditions: true });
  arm(({ method }, nth) => {
    if (method === 'PUT' && nth === 1) move(theirs);
    return undefined;
  });
  await expect(registry.moveTag(ours, 'v1', { from: before.digest })).rejects.toMatchObject({ id: 'tag-changed' });
  expect(now()).toBe(theirs.digest);
});

test.each([400, 412, 501])('a proxy that does not support If-Match (%i) gets requests without it', async (status) => {
  const { registry, before, ours, now, arm } = await start();
  arm(({ method, headers }) =>
    method === 'PUT' && headers['if-match'] !== undefined ? { kind: 'answer', status } : undefined,
  );
  expect(await registry.moveTag(ours, 'v1', { from: before.digest })).toBe('moved');
  expect(now()).toBe(ours.digest);
});

test('bytes that are not the manifest are never sent', async () => {
  const { registry, ours, puts } = await start();
  await expect(registry.moveTag(ours, 'v1', { bytes: Buffer.from('{}') })).rejects.toMatchObject({ kind: 'integrity' });
  expect(puts()).toEqual([]);
});
