import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import type { RegistryServer } from '@tidegate/testkit';
import { copy } from '../copy/copy.ts';
import { addReferrer, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { fallbackTag } from './fallback-tag.ts';
import { client, closeAll, fallbackOf, refer, start } from './referrers.fixture.ts';

const base = scratchFolder('referrers');
afterAll(() => rmSync(base, { recursive: true, force: true }));
afterEach(closeAll);

describe('the fallback tag', () => {
  test('holds an index whose entries repeat artifactType and annotations', async () => {
    const { registry, image, server } = await start(false);
    const referrer = await addReferrer(registry, image, 'application/x', { a: 'b' });
    expect(fallbackOf(server, image)).toEqual({
      schemaVersion: 2,
      mediaType: MediaType.index,
      manifests: [{ ...referrer, artifactType: 'application/x', annotations: { a: 'b' } }],
    });
  });

  test('whose entries another client wrote bare is read through the manifests', async () => {
    const { registry, image, server } = await start(false);
    const referrer = await addReferrer(registry, image, 'application/x', { a: 'b' });
    const gone = { ...referrer, digest: `sha256:${'9'.repeat(64)}` as Descriptor['digest'] };
    await put(server, image, [referrer, gone]);
    expect(await client(server).referrers(image.digest)).toEqual([
      { ...referrer, artifactType: 'application/x', annotations: { a: 'b' } },
    ]);
  });

  test('names nothing that is gone, as tidying up what has no tag leaves it, and a copy brings that again', async () => {
    const { registry, image, server } = await start(false);
    const [kept, gone] = [
      await addReferrer(registry, image, 'application/x'),
      await addReferrer(registry, image, 'application/y'),
    ];
    const layout = await ImageLayout.create(join(base, 'layout'));
    await copy(registry, layout, [image]);
    await fetch(`${server.url}/v2/acme/app/manifests/${gone.digest}`, { method: 'DELETE' });
    expect(fallbackOf(server, image).manifests).toHaveLength(2);
    expect(await client(server).referrers(image.digest)).toMatchObject([{ digest: kept.digest }]);
    await copy(layout, client(server), [image]);
    expect(server.manifest('acme/app', gone.digest)).toBeDefined();
    expect(await client(server).referrers(image.digest)).toHaveLength(2);
  });

  test.each([
    { conditions: true, at: 'PUT' },
    { conditions: false, at: 'GET' },
  ])(
    'that another writer overwrites at our every $at is merged again (If-Match heeded: $conditions)',
    async ({ conditions, at }) => {
      let overwrites = 0;
      const theirs: Descriptor[] = [];
      const { registry, image, server } = await start(
        false,
        async ({ method, url, headers }) => {
          const ours = headers['user-agent'] === 'tidegate' && url.includes('manifests/sha256-');
          if (ours && method === at && overwrites > 0) {
            overwrites -= 1;
            await put(server, image, theirs, { time: String(overwrites) });
          }
          return undefined;
        },
        { conditions },
      );
      theirs.push(await addReferrer(registry, image, 'application/theirs'));
      overwrites = 3;
      await addReferrer(registry, image, 'application/ours');
      expect(overwrites).toBe(0);
      expect(await registry.referrers(image.digest)).toHaveLength(2);
    },
  );

  test('is written with If-Match once the registry is known to honor it', async () => {
    const { registry, image, server } = await start(false);
    for (const at of [1, 2]) await addReferrer(registry, image, `application/x-${at}`);
    const puts = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('manifests/sha256-'));
    expect(puts.map(({ status, headers }) => [status, headers['if-match'] !== undefined])).toEqual([
      [412, true], // An ETag that is nobody's: refused, so conditions are heeded.
      [201, false], // There was nothing yet: if-none-match.
      [201, true],
    ]);
    expect(puts[1]?.headers['if-none-match']).toBe('*');
  });

  test('of a registry that heeds no conditions is read again after a while: who read before us may write after us', async () => {
    let late: (() => Promise<void>) | undefined;
    const timing = virtualTiming();
    const { image, server } = await start(false, undefined, { conditions: false });
    const registry = client(server, {
      timing: {
        ...timing,
        sleep: async (milliseconds) => {
          await late?.();
          late = undefined;
          return timing.sleep(milliseconds);
        },
      },
    });
    const theirs = await addReferrer(client(server), image, 'application/theirs');
    late = () => put(server, image, [theirs]);
    await addReferrer(registry, image, 'application/ours');
    expect(late).toBeUndefined();
    expect(fallbackOf(server, image).manifests).toHaveLength(2);
  });

  test('is repaired by the next write after a slow client overwrote it', async () => {
    const { registry, image, server } = await start(false, undefined, { conditions: false });
    const ours = await addReferrer(registry, image, 'application/one');
    const theirs = await addReferrer(client(server), image, 'application/theirs');
    await put(server, image, [theirs]);
    const last = await addReferrer(registry, image, 'application/other');
    const listed = fallbackOf(server, image).manifests.map(({ digest }: Descriptor) => digest);
    expect(listed.toSorted()).toEqual([ours.digest, theirs.digest, last.digest].toSorted());
  });

  test('is written once for all that wait for it', async () => {
    const { registry, image, server } = await start(false);
    await Promise.all(Array.from({ length: 12 }, (_entry, at) => addReferrer(registry, image, `application/x-${at}`)));
    const puts = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('manifests/sha256-'));
    expect(puts.length).toBeLessThan(8);
    expect(await registry.referrers(image.digest)).toHaveLength(12);
  });

  test('waits for those that are on their way, and not for one that fails', async () => {
    const { promise: all, resolve: allAreHere } = deferred<void>();
    let here = Number.NaN;
    const { registry, image, server } = await start(false, async ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('manifests/sha256:') || Number.isNaN(here)) return undefined;
      here += 1;
      const at = here;
      if (at === 5) allAreHere();
      await all;
      // Long enough for the others to be listed without it.
      if (at === 5) await setTimeout(50);
      return at === 3 ? { kind: 'answer', status: 403 } : undefined;
    });
    here = 0;
    const pushed = Array.from({ length: 5 }, (_entry, at) => addReferrer(registry, image, `application/x-${at}`));
    const outcomes = (await Promise.allSettled(pushed)).map(({ status }) => status);
    expect(outcomes.toSorted()).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    const puts = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('manifests/sha256-'));
    // One asks whether conditions are heeded.
    expect(puts).toHaveLength(2);
    expect(fallbackOf(server, image).manifests).toHaveLength(4);
  });

  test('is not written twice when the answer to the first write is lost', async () => {
    let lost = 0;
    const { registry, image, server } = await start(false, ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('manifests/sha256-')) return undefined;
      lost += 1;
      return lost === 2 ? { kind: 'lose-answer' } : undefined;
    });
    await addReferrer(registry, image, 'application/x');
    expect(lost).toBe(2);
    expect(fallbackOf(server, image).manifests).toHaveLength(1);
  });

  test('does not block a cancelled caller while another write hangs', async () => {
    const { promise: hanging, resolve } = deferred<void>();
    const { registry, image } = await start(false, ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('manifests/sha256-')) return undefined;
      resolve();
      return { kind: 'stall', done: false };
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const writing = refer(registry, image, 'application/x', first.signal);
    await hanging;
    const waiting = refer(registry, image, 'application/y', second.signal);
    await setTimeout(50);
    second.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    first.abort();
    await expect(writing).rejects.toMatchObject({ kind: 'cancelled' });
  });

  // Harbor answers 412 for an immutable tag, ECR 400, others 403.
  test.each([400, 403, 412])(
    'that may not be changed (%i) is named in the error, with what to change',
    async (status) => {
      let immutable = false;
      const { registry, image, server } = await start(false, ({ method, url }) =>
        immutable && method === 'PUT' && url.includes('manifests/sha256-') ? { kind: 'answer', status } : undefined,
      );
      await addReferrer(registry, image, 'application/x');
      immutable = true;
      for (const writer of [registry, client(server)]) {
        await expect(addReferrer(writer, image, 'application/y')).rejects.toMatchObject({
          message: expect.stringMatching(
            new RegExp(`rejected a change of the tag ${fallbackTag(image.digest)}.*${status}`),
          ),
          next: expect.stringContaining('sha256-*'),
        });
      }
    },
  );

  test('is given up on, with an error, where it never keeps what is written', async () => {
    const { registry, image } = await start(false, ({ method, url }) =>
      method === 'PUT' && url.includes('manifests/sha256-') ? { kind: 'answer', status: 201, headers: {} } : undefined,
    );
    await expect(addReferrer(registry, image, 'application/x')).rejects.toMatchObject({ id: 'referrers-contended' });
  });

  /** As another client writes it, over whatever is there. */
  async function put(
    server: RegistryServer,
    image: Descriptor,
    entries: readonly Descriptor[],
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const bare = entries.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    const kept = bare.filter(({ digest }) => server.manifest('acme/app', digest));
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: kept, annotations });
    const answer = await fetch(`${server.url}/v2/acme/app/manifests/${fallbackTag(image.digest)}`, {
      method: 'PUT',
      headers: { 'content-type': MediaType.index },
      body,
    });
    expect(answer.status).toBe(201);
  }
});
