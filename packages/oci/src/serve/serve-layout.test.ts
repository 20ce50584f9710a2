import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { copy, copyReferrers } from '../copy/copy.ts';
import { addImage, addReferrer, put, scratchFolder } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';
import { readAll } from '../verified.ts';
import { type LayoutServer, serveLayout } from './serve-layout.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const SBOM = 'application/vnd.example.sbom+json';

interface Served {
  readonly layout: ImageLayout;
  readonly root: Descriptor;
  readonly server: LayoutServer;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
}

async function served(layers?: string[]): Promise<Served> {
  const folder = scratchFolder('serve');
  const layout = await ImageLayout.create(join(folder, 'layout'));
  const root = await addImage(layout, 'linux/amd64', layers);
  const server = await serveLayout(layout, { root, repository: 'acme/app', tag: 'candidate' });
  open.push(
    () => server.close(),
    () => rm(folder, { recursive: true }),
  );
  open.reverse();
  return { layout, root, server, get: (path, init) => fetch(`http://${server.host}${path}`, init) };
}

const blobsOf = async ({ layout, root }: Served) => {
  const manifest = await layout.manifest(root);
  return manifest.kind === 'manifest' ? manifest.layers : [];
};

// biome-ignore lint/suspicious/noExplicitAny: the answers of a server under test
const json = async (answer: Response): Promise<any> => answer.json();

/** Sends exactly this path, which fetch would normalise. */
async function raw(server: LayoutServer, path: string, method = 'GET', headers: Record<string, string> = {}) {
  const [host = '', port = ''] = server.host.split(':');
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = httpRequest({ host, port, path, method, headers, agent: false }, async (response) => {
      const body = (await readAll(response, 1 << 20, path)).toString();
      resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
    });
    sent.on('error', reject).end();
  });
}

describe('the image', () => {
  test('is copied with its evidence by our client, by digest and by tag, byte for byte', async () => {
    const { layout, root, server } = await served([randomBytes(3_000_000).toString('hex'), 'small']);
    await addReferrer(layout, root, SBOM);
    const registry = new Registry({ registry: server.host, repository: 'acme/app' });
    open.push(() => registry.close());
    expect(await registry.resolve('candidate')).toEqual(root);
    const to = await ImageLayout.create(scratchFolder('serve-copy'));
    open.push(() => rm(to.folder, { recursive: true }));
    await copy(registry, to, [root]);
    await copyReferrers(registry, to, root.digest);
    await to.add(root);
    expect([...(await to.contents()).keys()].sort()).toEqual([...(await layout.contents()).keys()].sort());
  });

  test('has evidence that a later step adds, filtered by type on request', async () => {
    const { layout, root, get } = await served();
    const list = async (query = '') => json(await get(`/v2/acme/app/referrers/${root.digest}${query}`));
    expect(await list()).toMatchObject({ schemaVersion: 2, mediaType: MediaType.index, manifests: [] });
    const sbom = await addReferrer(layout, root, SBOM, { created: 'today' });
    const other = await addReferrer(layout, root, 'application/vnd.example.other');
    expect((await list()).manifests).toHaveLength(2);
    expect((await list(`?artifactType=${encodeURIComponent(SBOM)}`)).manifests).toEqual([
      expect.objectContaining({ digest: sbom.digest, artifactType: SBOM, annotations: { created: 'today' } }),
    ]);
    const filtered = await get(`/v2/acme/app/referrers/${root.digest}?artifactType=x`);
    expect(filtered.headers.get('oci-filters-applied')).toBe('artifactType');
    expect((await get(`/v2/acme/app/manifests/${other.digest}`)).status).toBe(200);
  });

  test('stays the one that was served first, also after the layout got another one', async () => {
    const { layout, root, get } = await served();
    await addImage(layout, 'linux/arm64');
    const answer = await get('/v2/acme/app/manifests/candidate');
    expect(answer.headers.get('docker-content-digest')).toBe(root.digest);
    expect(answer.headers.get('content-type')).toBe(MediaType.manifest);
    expect(digestOf(new Uint8Array(await answer.arrayBuffer()))).toBe(root.digest);
  });

  test('is listed with its one tag', async () => {
    const { get } = await served();
    const tags = async (query = '') => (await json(await get(`/v2/acme/app/tags/list${query}`))).tags;
    expect(await tags()).toEqual(['candidate']);
    expect(await tags('?last=candidate')).toEqual([]);
    expect(await tags('?n=0')).toEqual([]);
  });

  test('answers HEAD like GET, without a body', async () => {
    const one = await served();
    const [layer] = await blobsOf(one);
    for (const path of [`manifests/${one.root.digest}`, `blobs/${layer?.digest}`]) {
      const [head, get] = [
        await raw(one.server, `/v2/acme/app/${path}`, 'HEAD'),
        await one.get(`/v2/acme/app/${path}`),
      ];
      expect(head).toMatchObject({ status: 200, body: '' });
      expect(head.headers['content-length']).toBe(get.headers.get('content-length'));
      expect(head.headers['docker-content-digest']).toBe(get.headers.get('docker-content-digest'));
      await get.arrayBuffer();
    }
  });
});

describe('a range of a blob', () => {
  const CONTENT = '0123456789';
  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, CONTENT, 'bytes 0-9/10'],
    ['bytes=0-99', 206, CONTENT, 'bytes 0-9/10'],
    // Not supported or not valid: ignored.
    ['bytes=0-1,4-5', 200, CONTENT, null],
    ['bytes=4-2', 200, CONTENT, null],
    ['bytes=-', 200, CONTENT, null],
    ['lines=0-1', 200, CONTENT, null],
    [`bytes=${'9'.repeat(400)}-`, 200, CONTENT, null],
  ])('%s', async (range, status, body, contentRange) => {
    const one = await served([CONTENT]);
    const [layer] = await blobsOf(one);
    const answer = await one.get(`/v2/acme/app/blobs/${layer?.digest}`, { headers: { range } });
    expect([answer.status, await answer.text()]).toEqual([status, body]);
    expect(answer.headers.get('content-range')).toBe(contentRange);
  });

  test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('%s lies behind its end', async (range) => {
    const one = await served([CONTENT]);
    const [layer] = await blobsOf(one);
    const answer = await one.get(`/v2/acme/app/blobs/${layer?.digest}`, { headers: { range } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */10');
  });
});

describe('nothing else', () => {
  const ZERO = `sha256:${'0'.repeat(64)}`;
  test.each([
    [404, 'MANIFEST_UNKNOWN', '/v2/acme/app/manifests/latest'],
    [404, 'MANIFEST_UNKNOWN', `/v2/acme/app/manifests/${ZERO}`],
    [404, 'MANIFEST_UNKNOWN', '/v2/acme/app/manifests/sha256:short'],
    [404, 'MANIFEST_UNKNOWN', `/v2/acme/app/manifests/sha256-${'0'.repeat(64)}`],
    [404, 'BLOB_UNKNOWN', `/v2/acme/app/blobs/${ZERO}`],
    [400, 'DIGEST_INVALID', '/v2/acme/app/blobs/../../../index.json'],
    [400, 'DIGEST_INVALID', '/v2/acme/app/blobs/%2e%2e%2f%2e%2e%2findex.json'],
    [400, 'DIGEST_INVALID', `/v2/acme/app/blobs/${ZERO.toUpperCase()}`],
    [400, 'DIGEST_INVALID', '/v2/acme/app/referrers/candidate'],
    [404, 'NAME_UNKNOWN', '/v2/acme/other/manifests/candidate'],
    [404, 'NAME_UNKNOWN', '/v2/acme/app'],
    [404, 'NAME_UNKNOWN', '/v2/_catalog'],
    [404, 'UNSUPPORTED', '/v2/acme/app/tags/all'],
    [404, 'UNSUPPORTED', '/v1/acme/app'],
    [404, 'UNSUPPORTED', '/'],
    [404, 'UNSUPPORTED', 'http://127.0.0.1/v2/'],
  ])('%i %s %s', async (status, code, path) => {
    const { server } = await served();
    const answer = await raw(server, path);
    // A path with more parts than the API has is no endpoint at all.
    const expected = path.includes('/../') ? [404, 'UNSUPPORTED'] : [status, code];
    expect([answer.status, JSON.parse(answer.body).errors[0].code]).toEqual(expected);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused everywhere', async (method) => {
    const { server, root } = await served();
    for (const path of ['/v2/', '/v2/acme/app/blobs/uploads/', `/v2/acme/app/manifests/${root.digest}`]) {
      const { status, body, headers } = await raw(server, path, method);
      expect(status).toBe(405);
      expect(JSON.parse(body).errors[0].code).toBe('UNSUPPORTED');
      expect(headers.allow).toBe('GET, HEAD');
    }
  });

  test('is read by a file of the layout that index.json does not lead to', async () => {
    const { layout, get } = await served();
    const hidden = await put(layout, 'text/plain', 'left by an earlier build');
    expect((await get(`/v2/acme/app/blobs/${hidden.digest}`)).status).toBe(404);
  });

  test('is found under a path of nine kilobytes', async () => {
    expect((await raw((await served()).server, `/v2/${'a/'.repeat(4500)}`)).status).toBe(404);
  });

  test('is sent to a web page under a name of its own', async () => {
    const { server } = await served();
    for (const host of ['rebound.example', 'rebound.example:80', '10.0.0.1', 'a b']) {
      expect((await raw(server, '/v2/', 'GET', { host })).status).toBe(421);
    }
    for (const host of ['localhost:5000', '127.0.0.1', '[::1]:5000']) {
      expect((await raw(server, '/v2/', 'GET', { host })).status).toBe(200);
    }
  });
});

describe('a blob that is damaged', () => {
  const LAYER = 'x'.repeat(100_000);
  test.each(['bytes=0-9', undefined])('is not sent, range %s', async (range) => {
    const one = await served([LAYER]);
    const [layer] = await blobsOf(one);
    if (!layer) throw new Error('no layer');
    const get = () => one.get(`/v2/acme/app/blobs/${layer.digest}`, range ? { headers: { range } } : {});
    expect((await get()).ok).toBe(true);
    // The same size: only its digest tells.
    writeFileSync(one.layout.blobPath(layer), `${LAYER.slice(1)}y`);
    const damaged = await get();
    expect(damaged.status).toBe(500);
    expect((await json(damaged)).errors[0].code).toBe('DIGEST_INVALID');
    truncateSync(one.layout.blobPath(layer), 10);
    expect((await get()).status).toBe(500);
    await rm(one.layout.blobPath(layer));
    expect((await get()).status).toBe(404);
    writeFileSync(one.layout.blobPath(layer), LAYER);
    expect((await get()).ok).toBe(true);
  });

  test('or a damaged manifest is not sent either', async () => {
    const { layout, root, get } = await served();
    writeFileSync(layout.blobPath(root), ' '.repeat(root.size));
    expect((await get('/v2/acme/app/manifests/candidate')).status).toBe(500);
  });
});

test('a layout that has another image than the caller checked is not served', async () => {
  const { layout, root } = await served();
  const checked = { ...root, digest: digestOf(Buffer.from('another image')) };
  const starting = serveLayout(layout, { root: checked, repository: 'a', tag: 't' });
  // Without the check it would listen: the test then closes it.
  starting.then(
    (server) => open.push(() => server.close()),
    () => {},
  );
  await expect(starting).rejects.toMatchObject({
    id: 'layout-of-other-image',
    message: expect.stringContaining(`contains ${root.digest}, expected ${checked.digest}`),
  });
});

test('a port in use is an error that names it', async () => {
  const { layout, root, server } = await served();
  const port = Number(server.host.split(':')[1]);
  await expect(serveLayout(layout, { root, repository: 'a', tag: 't', port })).rejects.toMatchObject({
    id: 'serve-not-started',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test('a hundred silent connections hinder nobody, and end with the server', async () => {
  const { server, get } = await served();
  const [host = '', port = '0'] = server.host.split(':');
  const silent = Array.from({ length: 100 }, () => connect(Number(port), host).on('error', () => {}));
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  expect((await get('/v2/')).status).toBe(200);
  const ended = Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  await server.close();
  await ended;
});
