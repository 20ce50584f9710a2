/** Where credentials go, and where nothing of them may: other hosts, look-alikes, proxies, servers that cannot prove who they are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, MediaType } from '@tidegate/core';
import {
  type CredentialSource,
  contentOfBytes,
  dockerCredentials,
  firstOf,
  Registry,
  type RegistryOptions,
  staticCredentials,
} from '@tidegate/oci';
import { readProxies } from '@tidegate/runner';
import { authority, type Fault, type Identity, type RecordedRequest, startRegistry } from '@tidegate/testkit';
import { secretsIn } from '../support/secret-search.ts';
import { described, LAYER } from './hostile/image.ts';
import { layTrap } from './hostile/trap.ts';

const USER = 'robot$acme+ci';
const SECRET = 'pa$$w0rd/with+every=thing?&%41';
const REFRESH = 'refresh-token.of+somebody/else==';
const NO_HELPER = async () => {
  throw new Error('no credential helper is asked here');
};
const secrets = { password: SECRET, refresh: REFRESH };
const BLOB = described(LAYER, 'a layer of some bytes');
const OK = `HTTP/1.1 200 OK\r\ncontent-length: ${BLOB.bytes.length}\r\n\r\n${BLOB.bytes}`;
const MANIFEST = described(MediaType.manifest, {
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config: described(MediaType.config, '{}').descriptor,
  layers: [],
});

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-credentials-'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const open = (host: string, options: RegistryOptions = {}) =>
  new Registry(
    { registry: host, repository: 'acme/app' },
    {
      retry: { attempts: 1 },
      credentials: async () => ({ kind: 'password', username: USER, password: SECRET }),
      ...options,
    },
  );

const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const pushBlob = (registry: Registry) => registry.push(BLOB.descriptor, contentOfBytes(BLOB.bytes));

describe('a registry that leads elsewhere takes no credentials there:', () => {
  type Lead = (request: RecordedRequest, trap: string, self: string) => Fault | undefined;
  const answer = (status: number, headers: Readonly<Record<string, string>>, body = ''): Fault => ({
    kind: 'answer',
    status,
    headers,
    body,
  });
  const uploads = ({ method, url }: RecordedRequest) => method === 'POST' && url.includes('/uploads/');
  const list = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: [] });

  test.each<[string, Lead, (registry: Registry) => Promise<unknown>, 'hears something' | 'hears nothing']>([
    [
      'a blob on another host',
      ({ method, url }, trap) =>
        method === 'GET' && url.includes('/blobs/') ? answer(307, { location: `http://${trap}/x` }) : undefined,
      (registry) => registry.fetchBytes(BLOB.descriptor),
      'hears something',
    ],
    [
      'a manifest on another host',
      ({ method, url }, trap) =>
        url.includes('/manifests/') ? answer(302, { location: `http://${trap}/${method}` }) : undefined,
      (registry) => registry.resolve('v1'),
      'hears something',
    ],
    [
      'an upload to another host',
      (request, trap) => (uploads(request) ? answer(202, { location: `http://${trap}/upload?_state=x` }) : undefined),
      pushBlob,
      'hears something',
    ],
    [
      'a token from another host',
      ({ url }, trap) => (url.startsWith('/token') ? answer(307, { location: `http://${trap}/token` }) : undefined),
      pushBlob,
      'hears nothing',
    ],
    [
      'a token service with a user part',
      (_, trap) => answer(401, { 'www-authenticate': `Bearer realm="http://x@${trap}/token"` }),
      pushBlob,
      'hears nothing',
    ],
    [
      'a token service that speaks another protocol',
      (_, trap) => answer(401, { 'www-authenticate': `Bearer realm="ftp://${trap}/token"` }),
      pushBlob,
      'hears nothing',
    ],
    [
      'a page of referrers on another host',
      ({ url }, trap) =>
        url.includes('/referrers/')
          ? answer(200, { 'content-type': MediaType.index, link: `<http://${trap}/next>; rel="next"` }, list)
          : undefined,
      (registry) => registry.referrers(digestOf('x')),
      'hears nothing',
    ],
    [
      'the list of referrers on another host',
      ({ url }, trap) => (url.includes('/referrers/') ? answer(303, { location: `http://${trap}/web` }) : undefined),
      (registry) => registry.referrers(digestOf('x')),
      'hears nothing',
    ],
    [
      'a manifest that is to be written elsewhere',
      ({ method, url }, trap) =>
        method === 'PUT' && url.includes('/manifests/') ? answer(307, { location: `http://${trap}/x` }) : undefined,
      (registry) => registry.push(MANIFEST.descriptor, contentOfBytes(MANIFEST.bytes)),
      'hears nothing',
    ],
  ])('%s', async (_, lead, work, hears) => {
    await using trap = await layTrap(OK);
    let entered = false;
    const server = await startRegistry({
      auth: { kind: 'token', username: USER, password: SECRET },
      onRequest: (request) => {
        // Only once it holds a token for us: else there would be nothing to take along.
        entered ||= request.headers.authorization?.startsWith('Bearer ') ?? false;
        return entered || request.url.startsWith('/token')
          ? lead(request, trap.host, server.host)
          : lead(request, trap.host, server.host)?.kind === 'answer' && !request.url.startsWith('/v2')
            ? undefined
            : challenged(lead(request, trap.host, server.host));
      },
    });
    const registry = open(server.host);
    try {
      await quietly(work(registry));
      const heard = trap.heard();
      expect(heard === '' ? 'hears nothing' : 'hears something').toBe(hears);
      expect(heard).not.toMatch(/^(proxy-)?authorization:/im);
      expect(secretsIn(heard, { ...secrets, ...tokensOf(server.requests) })).toEqual([]);
    } finally {
      registry.close();
      await server.close();
    }
  });

  /** A challenge is what the case is about; anything else waits until we are let in. */
  function challenged(fault: Fault | undefined): Fault | undefined {
    return fault?.kind === 'answer' && fault.status === 401 ? fault : undefined;
  }

  /** The bearer tokens that the registry saw, by number. */
  function tokensOf(requests: readonly RecordedRequest[]): Record<string, string> {
    const seen = new Set(requests.map(({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]));
    seen.delete(undefined);
    return Object.fromEntries([...seen].map((token, at) => [`token ${at}`, token as string]));
  }

  test('and the way back from there is without them, too', async () => {
    let back = '';
    await using trap = await layTrap(''); // Answers nothing: its answer depends on the registry's port.
    const middle = await startRegistry({
      onRequest: () => ({ kind: 'answer', status: 302, headers: { location: back } }),
    });
    const server = await startRegistry({
      auth: { kind: 'token', username: USER, password: SECRET },
      onRequest: ({ url, headers }) =>
        headers.authorization?.startsWith('Bearer ') && url.includes('/blobs/') && !url.includes('chosen')
          ? { kind: 'answer', status: 307, headers: { location: `${middle.url}/x` } }
          : undefined,
    });
    back = `${server.url}/v2/acme/chosen/blobs/${BLOB.descriptor.digest}`;
    const registry = open(server.host);
    try {
      await quietly(registry.fetchBytes(BLOB.descriptor));
      const chosen = server.requests.filter(({ url }) => url.includes('chosen'));
      expect(chosen.length).toBeGreaterThan(0);
      expect(chosen.map(({ headers }) => headers.authorization)).toEqual(chosen.map(() => undefined));
      expect(trap.heard()).toBe('');
    } finally {
      registry.close();
      await Promise.all([server.close(), middle.close()]);
    }
  });

  test('a token service other than the one that the user names gets nothing', async () => {
    await using trap = await layTrap();
    const server = await startRegistry({
      onRequest: () => ({
        kind: 'answer',
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="http://${trap.host}/token"` },
      }),
    });
    const registry = open(server.host, { tokenServices: { [server.host]: ['127.0.0.1:1'] } });
    try {
      expect(await quietly(registry.resolve('v1'))).toMatchObject({
        code: 'unauthorized',
        message: expect.stringContaining('only 127.0.0.1:1 is allowed'),
      });
      expect(trap.heard()).toBe('');
    } finally {
      registry.close();
      await server.close();
    }
  });
});

describe('a registry that only looks like the one they are for gets none:', () => {
  const wants = 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n';
  const keysFor = (host: string) => {
    const port = host.split(':')[1];
    return [
      `evil-${host}`,
      `${host}.evil.example`,
      `localhost:${port}`,
      `127.0.0.1:${Number(port) + 1}`,
      '127.0.0.1',
      `user@${host}`,
      `https://evil.example/${host}`,
      `${host}/acme`,
      `127.0.0.1:0${port}`,
      `*:${port}`,
      `ghcr.io:${port}`,
    ];
  };

  test.each(keysFor('127.0.0.1:5000').map((_, at) => at))('look-alike %d', async (at) => {
    await using trap = await layTrap(wants);
    const key = keysFor(trap.host)[at] as string;
    const configDir = await mkdtemp(join(base, 'docker-'));
    await writeFile(
      join(configDir, 'config.json'),
      JSON.stringify({ auths: { [key]: { auth: Buffer.from(`${USER}:${SECRET}`).toString('base64') } } }),
    );
    const credentials: CredentialSource = firstOf(
      staticCredentials(key, USER, SECRET),
      dockerCredentials({ configDir, helperRun: NO_HELPER }),
    );
    const registry = open(trap.host, { credentials });
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(trap.heard()).toContain('/v2/acme/app/manifests/v1');
    expect(trap.heard()).not.toMatch(/^authorization:/im);
    expect(secretsIn(trap.heard(), secrets)).toEqual([]);
  });
});

describe('a proxy', () => {
  const wants = 'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n';
  const PROXY_SECRET = 'proxy-secret-of-somebody';
  const through = (host: string, more: Readonly<Record<string, string>> = {}) => ({
    proxies: readProxies({
      HTTP_PROXY: `http://proxy:${PROXY_SECRET}@${host}`,
      HTTPS_PROXY: `http://proxy:${PROXY_SECRET}@${host}`,
      ...more,
    }),
  });

  test('is gone through to a registry elsewhere', async () => {
    await using proxy = await layTrap('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
    const registry = open('registry.invalid', { insecure: ['registry.invalid'], ...through(proxy.host) });
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toMatch(/^HEAD http:\/\/registry\.invalid\/v2\/acme\/app\/manifests\/v1 /);
  });

  test('sees of a registry on TLS its name alone, and is the only one to get the proxy’s own password', async () => {
    await using proxy = await layTrap('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const registry = open('registry.invalid', through(proxy.host));
    const failure = await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toMatch(/^CONNECT registry\.invalid:443 /);
    expect(proxy.heard()).not.toMatch(/^authorization:/im);
    expect(secretsIn(proxy.heard(), secrets)).toEqual([]);
    expect(failure).toMatchObject({ code: 'network', next: expect.stringContaining('proxy') });
    expect(secretsIn(`${failure} ${(failure as Error).cause}`, { PROXY_SECRET })).toEqual([]);
  });

  test.each(['registry.invalid', '.invalid', 'invalid', '*'])(
    'is not gone through where NO_PROXY is %s',
    async (NO_PROXY) => {
      await using proxy = await layTrap(wants);
      const registry = open('registry.invalid', {
        insecure: ['registry.invalid'],
        ...through(proxy.host, { NO_PROXY }),
      });
      expect(await quietly(registry.resolve('v1'))).toMatchObject({ code: 'network' });
      registry.close();
      expect(proxy.heard()).toBe('');
    },
  );

  test('never sees what is meant for this machine', async () => {
    await using proxy = await layTrap(wants);
    await using here = await layTrap(wants);
    const registry = open(here.host, through(proxy.host));
    await quietly(registry.resolve('v1'));
    registry.close();
    expect(proxy.heard()).toBe('');
    expect(here.heard()).toContain('authorization: Basic');
    expect(secretsIn(here.heard(), { PROXY_SECRET })).toEqual([]);
  });
});

describe('a registry on TLS', () => {
  let ca: Awaited<ReturnType<typeof authority>>;
  let good: Identity;
  let foreign: Identity;
  beforeAll(async () => {
    ca = await authority(base);
    good = await ca.issue('good', 'DNS:localhost,IP:127.0.0.1');
    foreign = await ca.issue('foreign', 'DNS:ghcr.io');
  });

  async function serve(identity: Identity) {
    const heard: string[] = [];
    const server = createServer(identity, (request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
      const known = request.headers.authorization !== undefined;
      response.writeHead(known ? 404 : 401, known ? {} : { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return {
      port,
      heard,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test('of one’s own authority is let prove itself by its certificate', async () => {
    await using server = await serve(good);
    for (const options of [{ ca: ca.pem }, { ca: '', machineCa: ca.pem }]) {
      const registry = open(`localhost:${server.port}`, options);
      expect(await quietly(registry.resolve('v1'))).toMatchObject({ code: 'not-found' });
      registry.close();
    }
    expect(server.heard.filter((line) => line.includes('Basic'))).toHaveLength(2);
  });

  test('is known by NODE_EXTRA_CA_CERTS, too', async () => {
    await using server = await serve(good);
    const program = `
      import { Registry } from ${JSON.stringify(new URL('../../packages/oci/src/index.ts', import.meta.url).href)};
      const registry = new Registry({ registry: 'localhost:${server.port}', repository: 'a' }, { ca: '', retry: { attempts: 1 } });
      await registry.resolve('v1').catch((error) => process.stdout.write(error.code));
      registry.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: ca.path },
    });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    await once(child, 'close');
    expect(String(Buffer.concat(said))).toBe('unauthorized');
  });

  test.each<[string, () => Identity, () => RegistryOptions, string]>([
    ['of an authority that nobody knows', () => good, () => ({ ca: '' }), 'localhost'],
    ['with a certificate for another name', () => foreign, () => ({ ca: ca.pem }), 'localhost'],
    ['with a certificate for the name and not the address', () => foreign, () => ({ ca: ca.pem }), '127.0.0.1'],
  ])('%s is told nothing', async (_, identity, options, name) => {
    await using server = await serve(identity());
    const registry = open(`${name}:${server.port}`, options());
    expect(await quietly(registry.resolve('v1'))).toMatchObject({
      code: 'network',
      next: expect.stringContaining('certificate'),
    });
    registry.close();
    expect(server.heard).toEqual([]);
  });

  test('that is spoken to in plain by mistake is told nothing', async () => {
    // It takes what is no request for the beginning of one, and waits.
    await using trap = await layTrap(undefined, 'waits');
    const registry = open(trap.host, { ca: ca.pem, idle: 500 });
    expect(await quietly(registry.resolve('v1'))).toMatchObject({
      code: 'network',
      message: expect.stringContaining('within 0.5 s'),
    });
    registry.close();
    expect(trap.heard()).not.toContain('manifests');
  });
});
