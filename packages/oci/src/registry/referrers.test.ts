import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, deferred, MediaType } from '@tidegate/core';
import type { Fault } from '@tidegate/testkit';
import { addReferrer } from '../fixture.ts';
import { client, closeAll, fallbackOf, refer, start } from './referrers.fixture.ts';

afterEach(closeAll);

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

  test('an unknown digest has no referrers', async () => {
    const { registry } = await start(api);
    expect(await registry.referrers(`sha256:${'0'.repeat(64)}` as Descriptor['digest'])).toEqual([]);
  });
});

describe('the referrers API', () => {
  test.each([true, false])('is detected once (it exists: %j)', async (exists) => {
    const { registry, image, server } = await start(exists);
    for (const at of [1, 2, 3]) await addReferrer(registry, image, `application/x-${at}`);
    expect(server.requests.filter(({ url }) => url.includes('/referrers/'))).toHaveLength(1);
  });

  test('is detected again if the caller that started the detection is cancelled, and other callers do not fail', async () => {
    const { promise: asked, resolve } = deferred<void>();
    const { registry, image, server } = await start(true, ({ url }) => {
      if (!url.includes('/referrers/') || server.requests.filter((one) => one.url === url).length > 1) return undefined;
      resolve();
      return { kind: 'stall', done: false };
    });
    const push = (type: string, signal?: AbortSignal) => refer(registry, image, type, signal);
    const stop = new AbortController();
    const first = push('application/x', stop.signal);
    await asked;
    const others = [push('application/y'), push('application/z')];
    while (server.requests.filter(({ method, status }) => method === 'PUT' && status === 201).length < 7)
      await setTimeout(1);
    stop.abort();
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await Promise.all(others)).toEqual(['sent', 'sent']);
    expect(server.requests.filter(({ url }) => url.includes('/referrers/'))).toHaveLength(2);
  });

  test('is still used if the repository does not exist yet', async () => {
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

  test('is retried when its response is cut off', async () => {
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
    await expect(registry.referrers(image.digest)).rejects.toMatchObject({ kind: 'registry' });
  });
});
