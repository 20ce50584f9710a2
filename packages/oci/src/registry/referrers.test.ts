import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import {
  type Fault,
  type RecordedRequest,
  type RegistryServer,
  type RegistryServerOptions,
  startRegistry,
} from '@tidegate/testkit';
import { copy } from '../copy/copy.ts';
import { addImage, addReferrer, described, put as putBlob, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { contentOfBytes } from '../verified.ts';
import { RegistryCapabilities } from './capabilities.ts';
import { fallbackTag } from './fallback-tag.ts';
import { Registry, type RegistryOptions } from './registry.ts';

const base = scratchFolder('referrers');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

type FaultOf = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

async function start(
  referrers: boolean,
  onRequest: FaultOf = () => undefined,
  options: Pick<RegistryServerOptions, 'conditions'> = {},
) {
  const server = await startRegistry({ referrers, onRequest, ...options });
  const registry = client(server);
  open.push(server);
  const image = await addImage(registry, 'linux/amd64');
  return { server, registry, image };
}

function client(server: RegistryServer, options: RegistryOptions = {}): Registry {
  const reference = { registry: server.host, repository: 'acme/app' };
  const registry = new Registry(reference, { timing: virtualTiming(), ...options });
  open.push(registry);
  return registry;
}

/** A referrer that is pushed under a signal. */
async function refer(registry: Registry, subject: Descriptor, artifactType: string, signal?: AbortSignal) {
  const config = await putBlob(registry, MediaType.empty, '{}');
  const { descriptor, bytes } = described(MediaType.manifest, {
    schemaVersion: 2,
    artifactType,
    config,
    layers: [],
    subject,
  });
  return registry.push(descriptor, contentOfBytes(bytes), signal ? { signal } : {});
}

const fallbackOf = (server: RegistryServer, image: Descriptor) => {
  const found = server.manifest('acme/app', fallbackTag(image.digest));
  return found && JSON.parse(found.bytes.toString());
};

describe.each([
  ['with the referrers API', true],
  ['without it, under the fallback tag', false],
])('%s', (_, api) => {
  test('a referrer is found with its own artifactType and annotations', async () => {
    const { registry, image } = await start(api);
    const sbom = await addReferrer(registry, image, 'application/spdx+json', { a: 'b' });
    const scan = await addReferrer(registry, image, 'application/scan+json');
    const of = (type?: string) => registry.referrers(image.digest, type);
    expect(await of('application/spdx+json')).toEqual([
      { ...sbom, artifactType: 'application/spdx+json', annotations: { a: 'b' } },
    ]);
    expect((await of()).map(({ digest }) => digest).sort()).toEqual([sbom.digest, scan.digest].sort());
    expect(await of('application/other')).toEqual([]);
  });

  test('pushing one again adds none', async () => {
    const { registry, image, server } = await start(api);
    await addReferrer(registry, image, 'application/x');
    await addReferrer(client(server), image, 'application/x');
    expect(await registry.referrers(image.digest)).toHaveLength(1);
  });

  test('none is lost when many are pushed at once', async () => {
    const { registry, image } = await start(api);
    await Promise.all(Array.from({ length: 15 }, (_entry, at) => addReferrer(registry, image, `application/x-${at}`)));
    expect(await registry.referrers(image.digest)).toHaveLength(15);
  });

  test('nothing refers to what nobody has heard of', async () => {
    const { registry } = await start(api);
    expect(await registry.referrers(`sha256:${'0'.repeat(64)}` as Descriptor['digest'])).toEqual([]);
  });
});

describe('the referrers API', () => {
  test('is found out about once', async () => {
    const { registry, image, server } = await start(false);
    for (const at of [1, 2, 3]) await addReferrer(registry, image, `application/x-${at}`);
    expect(server.requests.filter(({ url }) => url.includes('/referrers/'))).toHaveLength(1);
  });

  test.each([true, false])('is remembered for every repository of a host (there: %j)', async (there) => {
    const { image, server } = await start(there);
    const capabilities = new RegistryCapabilities();
    const asked = () => server.requests.filter(({ url }) => url.includes('/referrers/')).length;
    await addReferrer(client(server, { capabilities }), image, 'application/x');
    const once = asked();
    await addReferrer(client(server, { capabilities }), image, 'application/y');
    expect([once, asked()]).toEqual([1, 1]);
    expect(await client(server, { capabilities }).referrers(image.digest)).toHaveLength(2);
  });

  test('is asked for again where who asked was cancelled, whose end is nobody else’s', async () => {
    const { promise: asked, resolve } = deferred<void>();
    const { image, server } = await start(true, ({ url }) => {
      if (!url.includes('/referrers/') || server.requests.filter((one) => one.url === url).length > 1) return undefined;
      resolve();
      return { kind: 'stall', done: false };
    });
    const capabilities = new RegistryCapabilities();
    const push = (type: string, signal?: AbortSignal) => refer(client(server, { capabilities }), image, type, signal);
    const stop = new AbortController();
    const first = push('application/x', stop.signal);
    await asked;
    const others = [push('application/y'), push('application/z')];
    while (server.requests.filter(({ method, status }) => method === 'PUT' && status === 201).length < 7)
      await setTimeout(1);
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(await Promise.all(others)).toEqual(['sent', 'sent']);
    expect(server.requests.filter(({ url }) => url.includes('/referrers/'))).toHaveLength(2);
  });

  test('is not given up because nobody has pushed to a repository yet', async () => {
    const { registry, image } = await start(true, ({ url }) =>
      url.includes(`/referrers/sha256:${'0'.repeat(64)}`)
        ? { kind: 'answer', status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }
        : undefined,
    );
    expect(await registry.referrers(`sha256:${'0'.repeat(64)}` as Descriptor['digest'])).toEqual([]);
    await addReferrer(registry, image, 'application/x');
    expect(await registry.referrers(image.digest)).toHaveLength(1);
  });

  test('is not believed in because of OCI-Subject', async () => {
    const { registry, image, server } = await start(false, ({ method }) =>
      method === 'PUT' ? { kind: 'headers', headers: { 'oci-subject': 'sha256:x' } } : undefined,
    );
    await addReferrer(registry, image, 'application/x');
    expect(fallbackOf(server, image).manifests).toHaveLength(1);
  });

  test('is not taken for given where every path shows a web page', async () => {
    const page: Fault = { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' };
    const { registry, image } = await start(true, ({ url }) => (url.includes('/referrers/') ? page : undefined));
    await addReferrer(registry, image, 'application/x');
    expect(await registry.referrers(image.digest)).toHaveLength(1);
  });

  test('is asked again when its answer breaks off', async () => {
    let cuts = 2;
    const { registry, image } = await start(true, ({ url }) => {
      if (!url.includes('/referrers/') || cuts === 0) return undefined;
      cuts -= 1;
      return { kind: 'cut-answer', after: 20 };
    });
    await addReferrer(registry, image, 'application/x');
    expect(await registry.referrers(image.digest)).toHaveLength(1);
    expect(cuts).toBe(0);
  });

  test('may have pages, on the same host only', async () => {
    let next = '/v2/acme/app/referrers/PAGE2';
    const page = (manifests: unknown[], link?: string): Fault => ({
      kind: 'answer',
      status: 200,
      headers: { 'content-type': MediaType.index, ...(link ? { link: `<${link}>; rel="next"` } : {}) },
      body: JSON.stringify({ schemaVersion: 2, manifests }),
    });
    const entry = (at: number) => ({
      mediaType: MediaType.manifest,
      digest: `sha256:${String(at).repeat(64)}`,
      size: 1,
    });
    const { registry, image } = await start(true, ({ url }) =>
      url.endsWith('PAGE2') ? page([entry(2)]) : url.includes('/referrers/') ? page([entry(1)], next) : undefined,
    );
    expect(await registry.referrers(image.digest)).toHaveLength(2);
    next = 'http://127.0.0.1:1/evil';
    await expect(registry.referrers(image.digest)).rejects.toMatchObject({ code: 'registry' });
  });
});

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

  test('is written on the condition that nobody else wrote, once that is known to be heeded', async () => {
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

  test('is mended by the next write where somebody slow wrote over it long after', async () => {
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

  test('keeps nobody who is cancelled while another’s write hangs', async () => {
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
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    first.abort();
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
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
    await expect(addReferrer(registry, image, 'application/x')).rejects.toMatchObject({ code: 'conflict' });
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
