import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { type RegistryServer, type RegistryServerOptions, startRegistry } from './registry.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';
const base = mkdtempSync(join(tmpdir(), 'tidegate-registry-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const open: RegistryServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(options: RegistryServerOptions = {}) {
  const server = await startRegistry(options);
  open.push(server);
  return {
    server,
    ask: (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(new URL(path, server.url), { method, headers, redirect: 'error', ...(body === undefined ? {} : { body }) }),
  };
}
type Ask = Awaited<ReturnType<typeof start>>['ask'];

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function putBlob(ask: Ask, repository: string, text: string): Promise<string> {
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  const location = begun.headers.get('location') ?? '';
  const digest = digestOf(text);
  expect((await ask('PUT', `${location}?digest=${digest}`, text)).status).toBe(201);
  return digest;
}

async function putManifest(ask: Ask, repository: string, reference: string, fields: object = {}) {
  const config = await putBlob(ask, repository, '{}');
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: EMPTY, digest: config, size: 2 },
    layers: [],
    ...fields,
  });
  const path = `/v2/${repository}/manifests/${reference === '' ? digestOf(body) : reference}`;
  const answer = await ask('PUT', path, body, { 'content-type': MANIFEST });
  return { answer, body, descriptor: { mediaType: MANIFEST, digest: digestOf(body), size: body.length } };
}

describe.each<[string, () => RegistryServerOptions]>([
  ['in memory', () => ({})],
  ['in a folder', () => ({ dir: mkdtempSync(join(base, 'blobs-')) })],
])('a registry with its blobs %s', (_, options) => {
  test('takes a blob in one piece, or in chunks that are in order', async () => {
    const { ask } = await start(options());
    await putBlob(ask, 'a/b', 'whole');
    const begun = await ask('POST', '/v2/a/b/blobs/uploads/');
    const location = begun.headers.get('location') ?? '';
    const first = await ask('PATCH', location, 'hel', { 'content-range': '0-2' });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-2']);
    const wrong = await ask('PATCH', location, 'x', { 'content-range': '7-7' });
    expect([wrong.status, wrong.headers.get('range')]).toEqual([416, '0-2']);
    const state = await ask('GET', location);
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-2']);
    const done = await ask('PUT', `${location}?digest=${digestOf('hello')}`, 'lo', { 'content-range': '3-4' });
    expect([done.status, done.headers.get('docker-content-digest')]).toEqual([201, digestOf('hello')]);
    expect((await ask('GET', location)).status).toBe(404);
    expect(await (await ask('GET', `/v2/a/b/blobs/${digestOf('hello')}`)).text()).toBe('hello');
  });

  test('gives parts of a blob', async () => {
    const { ask } = await start(options());
    const path = `/v2/a/b/blobs/${await putBlob(ask, 'a/b', 'hello')}`;
    const part = await ask('GET', path, undefined, { range: 'bytes=1-3' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 1-3/5', 'ell']);
    expect(await (await ask('GET', path, undefined, { range: 'bytes=3-' })).text()).toBe('lo');
    expect((await ask('GET', path, undefined, { range: 'bytes=5-' })).status).toBe(416);
    const head = await ask('HEAD', path);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
  });

  test('refuses bytes that are not what the digest says', async () => {
    const { ask } = await start(options());
    const begun = await ask('POST', `/v2/a/b/blobs/uploads/?digest=${digestOf('hello')}`, 'jello');
    expect([begun.status, await begun.json()]).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }]);
    expect((await ask('HEAD', `/v2/a/b/blobs/${digestOf('hello')}`)).status).toBe(404);
    expect((await ask('HEAD', `/v2/a/b/blobs/${digestOf('jello')}`)).status).toBe(404);
  });
});

test('a blob is in the repository it was pushed to, and in those that mount it', async () => {
  const { ask } = await start();
  const digest = await putBlob(ask, 'a/b', 'hello');
  expect((await ask('HEAD', `/v2/c/d/blobs/${digest}`)).status).toBe(404);
  expect((await ask('POST', `/v2/c/d/blobs/uploads/?mount=${digest}&from=none`)).status).toBe(202);
  expect((await ask('POST', `/v2/c/d/blobs/uploads/?mount=${digest}&from=a/b`)).status).toBe(201);
  expect((await ask('HEAD', `/v2/c/d/blobs/${digest}`)).status).toBe(200);
});

describe('a manifest', () => {
  test('is kept byte for byte, by digest and by tag', async () => {
    const { ask, server } = await start();
    const { body, descriptor } = await putManifest(ask, 'a/b', 'v1');
    for (const reference of ['v1', descriptor.digest]) {
      const found = await ask('GET', `/v2/a/b/manifests/${reference}`);
      expect(await found.text()).toBe(body);
      expect(found.headers.get('content-type')).toBe(MANIFEST);
      expect(found.headers.get('docker-content-digest')).toBe(descriptor.digest);
    }
    expect(server.tags('a/b').get('v1')).toBe(descriptor.digest);
    expect((await ask('DELETE', '/v2/a/b/manifests/v1')).status).toBe(202);
    expect((await ask('HEAD', '/v2/a/b/manifests/v1')).status).toBe(404);
    expect((await ask('HEAD', `/v2/a/b/manifests/${descriptor.digest}`)).status).toBe(200);
  });

  test.each([
    [
      'a blob that is not there',
      { layers: [{ mediaType: 'x/y', digest: digestOf('none'), size: 4 }] },
      'MANIFEST_BLOB_UNKNOWN',
    ],
    [
      'a manifest that is not there',
      { manifests: [{ mediaType: MANIFEST, digest: digestOf('none') }] },
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['another media type', { mediaType: 'application/x' }, 'MANIFEST_INVALID'],
  ])('is refused with %s', async (_, fields, code) => {
    const { ask } = await start();
    const { answer } = await putManifest(ask, 'a/b', 'v1', fields);
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ code }] }]);
  });

  test('is refused under another digest', async () => {
    const { ask } = await start();
    expect((await putManifest(ask, 'a/b', digestOf('none'))).answer.status).toBe(400);
  });

  test('is written over a tag only if that is what If-Match says', async () => {
    const { ask } = await start();
    const { body } = await putManifest(ask, 'a/b', 'v1');
    const etag = (await ask('HEAD', '/v2/a/b/manifests/v1')).headers.get('etag') ?? '';
    const put = (ifMatch: string) =>
      ask('PUT', '/v2/a/b/manifests/v1', body, { 'content-type': MANIFEST, 'if-match': ifMatch });
    expect((await put('"other"')).status).toBe(412);
    expect((await put(etag)).status).toBe(201);
  });
});

describe('referrers', () => {
  test('are listed by subject and artifactType, and pushing one says so', async () => {
    const { ask } = await start();
    const { descriptor: subject } = await putManifest(ask, 'a/b', 'v1');
    const sbom = await putManifest(ask, 'a/b', '', {
      subject,
      artifactType: 'application/sbom',
      annotations: { a: 'b' },
    });
    const bare = await putManifest(ask, 'a/b', '', { subject });
    expect(sbom.answer.headers.get('oci-subject')).toBe(subject.digest);
    const list = await ask('GET', `/v2/a/b/referrers/${subject.digest}`);
    expect(list.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json');
    expect(((await list.json()) as { manifests: unknown }).manifests).toEqual([
      { ...sbom.descriptor, artifactType: 'application/sbom', annotations: { a: 'b' } },
      { ...bare.descriptor, artifactType: EMPTY },
    ]);
    const some = await ask('GET', `/v2/a/b/referrers/${subject.digest}?artifactType=application/sbom`);
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(((await some.json()) as { manifests: unknown[] }).manifests).toHaveLength(1);
    const none = await ask('GET', `/v2/a/b/referrers/${digestOf('none')}`);
    expect([none.status, await none.json()]).toMatchObject([200, { manifests: [] }]);
  });

  test('have no API where that is switched off', async () => {
    const { ask } = await start({ referrers: false });
    const { descriptor: subject } = await putManifest(ask, 'a/b', 'v1');
    const { answer } = await putManifest(ask, 'a/b', '', { subject });
    expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, null]);
    expect((await ask('GET', `/v2/a/b/referrers/${subject.digest}`)).status).toBe(404);
  });

  // goharbor/harbor#18305: Harbor 2.7 answered 401 and no WWW-Authenticate, whatever the credentials were.
  test.each([401, 403, 406])('have no API and answer %i without a challenge, where that is chosen', async (status) => {
    const { ask } = await start({ referrers: status });
    const { descriptor: subject } = await putManifest(ask, 'a/b', 'v1');
    const { answer } = await putManifest(ask, 'a/b', '', { subject });
    expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, null]);
    const listed = await ask('GET', `/v2/a/b/referrers/${subject.digest}`);
    expect([listed.status, listed.headers.get('www-authenticate')]).toEqual([status, null]);
    expect((await ask('GET', `/v2/a/b/manifests/${subject.digest}`)).status).toBe(200);
  });

  // oras-project/oras-go#1396: registry.gitlab.com resolves `<alg>-<hex>` to the manifest `<alg>:<hex>`.
  test('an unwritten tag sha256-<hex> resolves to the manifest of that digest, if configured', async () => {
    const { ask, server } = await start({ referrers: false, digestTags: true });
    const { descriptor: subject } = await putManifest(ask, 'a/b', 'v1');
    const path = `/v2/a/b/manifests/${subject.digest.replace(':', '-')}`;
    for (const method of ['GET', 'HEAD']) {
      const found = await ask(method, path);
      expect([found.status, found.headers.get('docker-content-digest')]).toEqual([200, subject.digest]);
    }
    expect([...server.tags('a/b').keys()]).toEqual(['v1']);
    expect((await ask('GET', `/v2/a/b/manifests/sha256-${'0'.repeat(64)}`)).status).toBe(404);
    const { descriptor: written } = await putManifest(ask, 'a/b', subject.digest.replace(':', '-'), { subject });
    expect((await ask('GET', path)).headers.get('docker-content-digest')).toBe(written.digest);
  });
});

test('tags are listed in order, in pages', async () => {
  const { ask } = await start();
  for (const tag of ['c', 'a', 'b']) await putManifest(ask, 'a/b', tag);
  const page = await ask('GET', '/v2/a/b/tags/list?n=2');
  expect(await page.json()).toEqual({ name: 'a/b', tags: ['a', 'b'] });
  const next = /<(.+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
  const last = await ask('GET', next);
  expect([await last.json(), last.headers.get('link')]).toEqual([{ name: 'a/b', tags: ['c'] }, null]);
});

test('listing the tags of an empty repository responds that it is unknown', async () => {
  const { ask } = await start();
  expect((await ask('GET', '/v2/a/b/tags/list')).status).toBe(404);
});

describe('access control', () => {
  const login = { username: 'user', password: 'pass' };
  const line = `Basic ${Buffer.from('user:pass').toString('base64')}`;

  test('with HTTP Basic', async () => {
    const { ask } = await start({ auth: { kind: 'basic', ...login } });
    const out = await ask('GET', '/v2/');
    expect([out.status, out.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="testkit"']);
    expect((await ask('GET', '/v2/', undefined, { authorization: line })).status).toBe(200);
  });

  test('with a token, for as long as it lives and as far as its scope goes', async () => {
    let now = 0;
    const { ask, server } = await start({ auth: { kind: 'token', ...login, lifetime: 10 }, now: () => now });
    const out = await ask('POST', '/v2/a/b/blobs/uploads/');
    expect(out.headers.get('www-authenticate')).toBe(
      `Bearer realm="${server.url}/token",service="testkit",scope="repository:a/b:pull,push"`,
    );
    const path = '/token?service=testkit&scope=repository:a/b:pull';
    expect((await ask('GET', path)).status).toBe(401);
    const { token } = (await (await ask('GET', path, undefined, { authorization: line })).json()) as { token: string };
    const status = async (method: string, where: string) =>
      (await ask(method, where, undefined, { authorization: `Bearer ${token}` })).status;
    expect(await status('HEAD', `/v2/a/b/blobs/${digestOf('x')}`)).toBe(404);
    expect(await status('POST', '/v2/a/b/blobs/uploads/')).toBe(401);
    expect(await status('HEAD', `/v2/c/d/blobs/${digestOf('x')}`)).toBe(401);
    now = 11_000;
    expect(await status('HEAD', `/v2/a/b/blobs/${digestOf('x')}`)).toBe(401);
  });
});

test('faults do what they say, and every request is on record', async () => {
  const { ask, server } = await start({
    onRequest: ({ method, url }) => {
      if (url.endsWith('/lost')) return { kind: 'lose-answer' };
      if (url.endsWith('/reset')) return { kind: 'reset' };
      return method === 'DELETE'
        ? { kind: 'answer', status: 429, headers: { 'retry-after': '1' }, body: 'slow' }
        : undefined;
    },
  });
  const limited = await ask('DELETE', '/v2/a/b/manifests/x');
  expect([limited.status, limited.headers.get('retry-after'), await limited.text()]).toEqual([429, '1', 'slow']);
  await expect(ask('GET', '/v2/reset')).rejects.toThrow();
  await expect(putManifest(ask, 'a/b', 'lost')).rejects.toThrow();
  expect(server.tags('a/b').has('lost')).toBe(true);
  expect(server.requests[0]).toMatchObject({ method: 'DELETE', url: '/v2/a/b/manifests/x', status: 429 });
});
