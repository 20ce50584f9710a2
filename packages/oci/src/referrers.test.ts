import { afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, MediaType } from '@tidegate/core';
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, virtualTiming } from './fixture.ts';
import { fallbackTag } from './referrers.ts';
import { Registry } from './registry.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

type FaultOf = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

async function start(referrers: boolean, onRequest: FaultOf = () => undefined) {
  const server = await startRegistry({ referrers, onRequest });
  const registry = client(server);
  open.push(server);
  const image = await addImage(registry, 'linux/amd64');
  return { server, registry, image };
}

function client(server: RegistryServer): Registry {
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(registry);
  return registry;
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

  test('that another writer overwrites in between is merged again', async () => {
    let overwrites = 3;
    const theirs: Descriptor[] = [];
    const { registry, image, server } = await start(false, async ({ method, url }) => {
      if (method === 'GET' && url.includes('manifests/sha256-') && theirs.length > 0 && overwrites > 0) {
        overwrites -= 1;
        await put(server, image, theirs);
      }
      return undefined;
    });
    theirs.push(await addReferrer(registry, image, 'application/theirs'));
    await addReferrer(registry, image, 'application/ours');
    expect(overwrites).toBe(0);
    expect(await registry.referrers(image.digest)).toHaveLength(2);
  });

  test('is given up on, with an error, where it never keeps what is written', async () => {
    const { registry, image } = await start(false, ({ method, url }) =>
      method === 'PUT' && url.includes('manifests/sha256-') ? { kind: 'answer', status: 201, headers: {} } : undefined,
    );
    await expect(addReferrer(registry, image, 'application/x')).rejects.toMatchObject({ code: 'conflict' });
  });

  /** As another client writes it, over whatever is there. */
  async function put(server: RegistryServer, image: Descriptor, entries: readonly Descriptor[]): Promise<void> {
    const bare = entries.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    const kept = bare.filter(({ digest }) => server.manifest('acme/app', digest));
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: kept });
    const answer = await fetch(`${server.url}/v2/acme/app/manifests/${fallbackTag(image.digest)}`, {
      method: 'PUT',
      headers: { 'content-type': MediaType.index },
      body,
    });
    expect(answer.status).toBe(201);
  }
});
