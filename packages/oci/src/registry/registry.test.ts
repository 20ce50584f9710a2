import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf, MediaType } from '@tidegate/core';
import { type Fault, type RecordedRequest, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, described, put, virtualTiming } from '../fixture.ts';
import { contentOfBytes, readAll } from '../verified.ts';
import { registryText } from './error.ts';
import { Registry, type RegistryOptions } from './registry.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** @param fault asked for every request; `nth` counts requests of the same method and path */
async function start(
  fault: (request: RecordedRequest, nth: number) => Fault | undefined | Promise<Fault | undefined> = () => undefined,
  options: RegistryOptions = {},
  server: RegistryServerOptions = {},
) {
  const seen = new Map<string, number>();
  const running = await startRegistry({
    ...server,
    onRequest: (request) => {
      const key = `${request.method} ${request.url}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return fault(request, seen.get(key) ?? 1);
    },
  });
  const registry = new Registry(
    { registry: running.host, repository: 'acme/app' },
    { timing: virtualTiming(), ...options },
  );
  open.push(running, registry);
  return { server: running, registry };
}

const denied = (status: number, code: string): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ code, message: 'by order' }] }),
});

describe('a tag', () => {
  test('resolves to the digest, size and media type of what was pushed', async () => {
    const { registry } = await start();
    const image = await addImage(registry, 'linux/amd64');
    await registry.moveTag(image, 'v1');
    expect(await registry.resolve('v1')).toEqual(image);
    expect(await registry.resolve(image.digest)).toEqual(image);
  });

  test.each([['docker-content-digest'], ['content-length']])('resolves where HEAD lacks %s', async (name) => {
    const { registry } = await start(({ method }) =>
      method === 'HEAD' ? { kind: 'headers', headers: { [name]: undefined } } : undefined,
    );
    const image = await addImage(registry, 'linux/amd64');
    await registry.moveTag(image, 'v1');
    expect(await registry.resolve('v1')).toEqual(image);
  });

  test('whose answer was lost is not in doubt: it is read back', async () => {
    const { registry, server } = await start(({ method, url }) =>
      method === 'PUT' && url.endsWith('/manifests/v1') ? { kind: 'lose-answer' } : undefined,
    );
    const image = await addImage(registry, 'linux/amd64');
    await registry.moveTag(image, 'v1');
    expect(server.tags('acme/app').get('v1')).toBe(image.digest);
  });

  test.each([
    [412, 'PRECONDITION'],
    [400, 'TAG_INVALID'],
    [409, 'CONFLICT'],
  ])(
    'that may not be changed (%i) is fine where it is right already, and a conflict where not',
    async (status, code) => {
      let immutable = false;
      const { registry } = await start(({ method, url }) =>
        immutable && method === 'PUT' && url.endsWith('/manifests/v1') ? denied(status, code) : undefined,
      );
      const image = await addImage(registry, 'linux/amd64');
      const other = await addImage(registry, 'linux/arm64');
      await registry.moveTag(image, 'v1');
      immutable = true;
      await registry.moveTag(image, 'v1');
      await expect(registry.moveTag(other, 'v1')).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining(`points at ${image.digest}`),
        next: expect.stringContaining('Use another tag'),
      });
    },
  );

  test('that another client moves meanwhile is reported', async () => {
    let theirs: (() => Promise<unknown>) | undefined;
    const { registry, server } = await start(async ({ method, url }, nth) => {
      // The second look is the one after our write.
      const race = method === 'HEAD' && url.endsWith('/manifests/v1') && nth === 2 ? theirs : undefined;
      theirs = race ? undefined : theirs;
      await race?.();
      return undefined;
    });
    const image = await addImage(registry, 'linux/amd64');
    const other = await addImage(registry, 'linux/arm64');
    const racing = new Registry({ registry: server.host, repository: 'acme/app' });
    open.push(racing);
    theirs = () => racing.moveTag(other, 'v1');
    await expect(registry.moveTag(image, 'v1')).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`points at ${other.digest}`),
    });
  });

  test.each(['', '-x', 'a/b', 'a b', 'x'.repeat(129), '../x'])('named %j never leaves the house', async (tag) => {
    const { registry, server } = await start();
    const image = described(MediaType.manifest, '{}').descriptor;
    await expect(registry.moveTag(image, tag)).rejects.toMatchObject({ kind: 'bad-input' });
    await expect(registry.resolve(tag)).rejects.toMatchObject({ kind: 'bad-input' });
    expect(server.requests).toEqual([]);
  });
});

describe('content that is fetched', () => {
  const { descriptor: blob, bytes } = described('application/octet-stream', randomBytes(300_000).toString('hex'));

  test('is what was pushed, or is refused', async () => {
    let lie = false;
    const { registry } = await start(({ method, url }) =>
      lie && method === 'GET' && url.includes('/blobs/') ? { kind: 'answer', status: 200, body: 'lies' } : undefined,
    );
    await registry.push(blob, contentOfBytes(bytes));
    expect(digestOf(await registry.fetchBytes(blob))).toBe(blob.digest);
    lie = true;
    await expect(registry.fetchBytes(blob)).rejects.toMatchObject({ kind: 'integrity' });
  });

  test('goes on where the connection broke', async () => {
    const { registry, server } = await start(({ method, url }, nth) =>
      method === 'GET' && url.includes('/blobs/') && nth < 4 ? { kind: 'cut-answer', after: 150_000 } : undefined,
    );
    await registry.push(blob, contentOfBytes(bytes));
    expect(digestOf(await registry.fetchBytes(blob))).toBe(blob.digest);
    const reads = server.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers.range);
    expect(reads).toEqual([undefined, 'bytes=150000-', 'bytes=300000-', 'bytes=450000-']);
  });

  test('can start anywhere, for a push that resumes', async () => {
    const { registry } = await start();
    await registry.push(blob, contentOfBytes(bytes));
    const rest = await readAll(registry.content(blob).open(599_990), 100, '');
    expect(rest).toEqual(bytes.subarray(599_990));
  });

  test('is not read into memory beyond its limit', async () => {
    const { registry, server } = await start();
    await expect(registry.fetchBytes({ ...blob, size: 5 * 1024 * 1024 })).rejects.toMatchObject({ kind: 'integrity' });
    await expect(registry.fetchBytes(blob, { limit: 10 })).rejects.toMatchObject({ kind: 'integrity' });
    expect(server.requests).toEqual([]);
  });

  test('that is missing is not-found, before any stream', async () => {
    const { registry } = await start();
    await expect(registry.fetch(blob)).rejects.toMatchObject({ kind: 'not-found', next: expect.any(String) });
  });

  test('is a manifest only under the media type it was described with', async () => {
    const { registry } = await start(({ method }) =>
      method === 'GET' ? { kind: 'headers', headers: { 'content-type': MediaType.index } } : undefined,
    );
    const image = await addImage(registry, 'linux/amd64');
    await expect(registry.fetchBytes(image)).rejects.toMatchObject({ kind: 'integrity' });
  });

  test('of another size than described is not taken for present', async () => {
    const { registry } = await start();
    await registry.push(blob, contentOfBytes(bytes));
    await expect(registry.exists({ ...blob, size: 1 })).rejects.toMatchObject({ kind: 'integrity' });
  });
});

describe('a redirect', () => {
  const { descriptor: blob, bytes } = described('application/octet-stream', 'content');
  const login = { kind: 'basic', username: 'user', password: 'secret' } as const;
  const credentials = async () => ({ ...login, kind: 'password' as const });

  async function redirecting(location: (self: string) => string, status = 307) {
    const bucket = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(bytes);
    });
    const seen: (string | undefined)[] = [];
    await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => bucket.close() });
    const self = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
    const { registry } = await start(
      ({ method, url, headers }) =>
        method === 'GET' && url.includes('/blobs/') && headers.authorization
          ? { kind: 'answer', status, headers: { location: location(self) } }
          : undefined,
      { credentials },
      { auth: login },
    );
    return { registry, seen };
  }

  test.each([301, 302, 303, 307, 308])('of a blob (%i) is followed without credentials', async (status) => {
    const { registry, seen } = await redirecting((self) => `${self}/bucket/object?signature=x`, status);
    expect(digestOf(await registry.fetchBytes(blob))).toBe(blob.digest);
    expect(seen).toEqual([undefined]);
  });

  test('to a host that requests credentials sends none', async () => {
    const seen: string[] = [];
    const bucket = createServer(({ url, headers }, response) => {
      seen.push(`${url?.split('?')[0]} ${headers.authorization}`);
      const challenge = `Bearer realm="${self}/token",service="x"`;
      if (url === '/object') response.writeHead(401, { 'www-authenticate': challenge }).end();
      else response.end(JSON.stringify({ token: 'granted' }));
    });
    await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => bucket.close() });
    const self = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
    const { registry } = await start(
      ({ url, headers }) =>
        url.includes('/blobs/') && headers.authorization
          ? { kind: 'answer', status: 307, headers: { location: `${self}/object` } }
          : undefined,
      { credentials },
      { auth: login },
    );
    await expect(registry.fetchBytes(blob)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(seen).toEqual(['/object undefined']);
  });

  test.each([
    ['a file', 'file:///etc/passwd'],
    ['a user part', 'https://user:pass@evil.example/'],
    ['nothing', 'http://'],
  ])('to %s is refused', async (_, location) => {
    const { registry, seen } = await redirecting(() => location);
    await expect(registry.fetchBytes(blob)).rejects.toMatchObject({ id: 'registry-response-invalid' });
    expect(seen).toEqual([]);
  });

  test('that goes in circles ends', async () => {
    const { registry } = await redirecting(() => `/v2/acme/app/blobs/${blob.digest}`);
    await expect(registry.fetchBytes(blob)).rejects.toMatchObject({ message: expect.stringMatching(/redirects/) });
  });

  test('of an upload to another host gets the bytes but no credentials', async () => {
    const other = await startRegistry();
    open.push(other);
    const { registry } = await start(
      ({ method, headers }) =>
        method === 'POST' && headers.authorization
          ? { kind: 'answer', status: 202, headers: { location: `${other.url}/v2/acme/app/blobs/uploads/none` } }
          : undefined,
      { credentials, retry: { attempts: 1 } },
      { auth: login },
    );
    await expect(registry.push(blob, contentOfBytes(bytes))).rejects.toMatchObject({ kind: 'not-found' });
    expect(other.requests.map(({ headers }) => headers.authorization)).not.toContainEqual(expect.anything());
    expect(other.requests.length).toBeGreaterThan(0);
  });
});

describe('a registry that fails gets one clear error, with what to do', () => {
  const { descriptor: blob, bytes } = described('application/octet-stream', 'content');

  test.each([
    [401, 'UNAUTHORIZED', 'unauthorized'],
    [403, 'DENIED', 'unauthorized'],
    [404, 'NAME_UNKNOWN', 'not-found'],
    [405, 'UNSUPPORTED', 'registry'],
    [413, 'SIZE_INVALID', 'registry'],
    [500, 'UNKNOWN', 'registry'],
  ])('%i', async (status, code, kind) => {
    const { registry, server } = await start(({ method }) => (method === 'POST' ? denied(status, code) : undefined));
    await expect(registry.push(blob, contentOfBytes(bytes))).rejects.toMatchObject({
      kind,
      message: `${server.host}/acme/app: push of blob ${blob.digest}: the registry responded with ${status} (${code}: by order).`,
      next: expect.any(String),
    });
  });

  test('not at all', async () => {
    const { registry, server } = await start();
    await server.close();
    await expect(registry.checkPush()).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
      next: expect.any(String),
    });
  });

  test('with plain http where https was expected', async () => {
    const server = await startRegistry();
    open.push(server);
    const registry = new Registry({ registry: server.host, repository: 'a' }, { ca: '', timing: virtualTiming() });
    open.push(registry);
    await expect(registry.checkPush()).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('it responds without TLS, like a plain HTTP server (wrong version number)'),
      next: expect.stringContaining(`If ${server.host} is a registry without TLS, add it to the input insecure-reg`),
    });
  });

  test.each([
    ['an HTML page', '<html>busy</html>', ''],
    ['plain text', 'no\r\n::error::space', 'no ::error::space'],
    ['terminal codes', 'a\u001b[31mb\u202ec', 'a [31mb c'],
    ['a list of errors', '{"errors":[{"code":"A","message":"b"},{"code":"C"},null]}', 'A: b; C; '],
    ['a novel', 'x'.repeat(1000), `${'x'.repeat(299)}…`],
  ])('whose words are made harmless: %s', (_, body, text) => {
    expect(registryText(body)).toBe(text.trim());
  });
});

test('manifests are stored byte for byte', async () => {
  const { registry, server } = await start();
  const config = await put(registry, MediaType.config, { os: 'linux', architecture: 'amd64' });
  const odd = `{ "schemaVersion" :2,\n\t"layers":[ ],"config": ${JSON.stringify(config)} }\n`;
  const image = await put(registry, MediaType.manifest, odd);
  await registry.moveTag(image, 'v1');
  expect(server.manifest('acme/app', 'v1')?.bytes.toString()).toBe(odd);
  expect(image.digest).toBe(digestOf(odd));
});

test.each([401, 403, 405, 500, 501])(
  'permission to push is there where an upload cannot be given up (%i)',
  async (status) => {
    const { registry, server } = await start(({ method }) =>
      method === 'DELETE' ? { kind: 'answer', status } : undefined,
    );
    await registry.checkPush();
    expect(server.requests).toHaveLength(2);
  },
);

test('permission to push is checked without leaving an upload', async () => {
  const { registry, server } = await start();
  await registry.checkPush();
  expect(server.requests.map(({ method, status }) => [method, status])).toEqual([
    ['POST', 202],
    ['DELETE', 204],
  ]);
});
