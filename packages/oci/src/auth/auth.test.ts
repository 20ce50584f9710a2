import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deferred, digestOf } from '@tidegate/core';
import { type RegistryAuth, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { addImage, described, virtualTiming } from '../fixture.ts';
import { head, startRaw, whole } from '../http/raw-responses.fixture.ts';
import { Registry } from '../registry/registry.ts';
import { parseChallenges, scopesFor } from './challenge.ts';
import type { Credential } from './credentials.ts';
import { checkRealm } from './realm.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(auth: RegistryAuth, credential?: Credential, extra: Parameters<typeof startRegistry>[0] = {}) {
  const timing = virtualTiming();
  const server = await startRegistry({ auth, now: timing.now, ...extra });
  const registry = new Registry(
    { registry: server.host, repository: 'acme/app' },
    { credentials: async () => credential, timing },
  );
  open.push(server, registry);
  return { server, registry, timing };
}

const login = { username: 'user', password: 'pass:word' };
const credential = { kind: 'password', ...login } as const;
const tokensAsked = (server: RegistryServer) => server.requests.filter(({ url }) => url.startsWith('/token')).length;

describe('a push is authorized', () => {
  test.each<[string, RegistryAuth, Credential]>([
    ['with HTTP Basic', { kind: 'basic', ...login }, credential],
    ['with a token for a password', { kind: 'token', ...login }, credential],
    [
      'with a token for an identity token',
      { kind: 'token', ...login, identityToken: 'r' },
      { kind: 'identity-token', token: 'r' },
    ],
  ])('%s', async (_, auth, known) => {
    const { registry, server } = await start(auth, known);
    const image = await addImage(registry, 'linux/amd64');
    await registry.moveTag(image, 'v1');
    expect(server.tags('acme/app').get('v1')).toBe(image.digest);
  });

  test('with one question for a token, however many requests want it at once', async () => {
    const { registry, server } = await start({ kind: 'token', ...login }, credential);
    await Promise.all(['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform) => addImage(registry, platform)));
    expect(tokensAsked(server)).toBe(1);
  });

  test('and a new token is requested when the old one expires', async () => {
    const { registry, server, timing } = await start({ kind: 'token', ...login, lifetime: 100 }, credential);
    const image = await addImage(registry, 'linux/amd64');
    await timing.sleep(95_000);
    await registry.moveTag(image, 'v1');
    expect(tokensAsked(server)).toBe(2);
    expect(server.requests.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test('and again when the registry forgets a token before its time', async () => {
    let forget = true;
    const { registry, server } = await start({ kind: 'token', ...login }, credential, {
      onRequest: ({ headers, method }) => {
        if (method !== 'PUT' || headers.authorization === undefined || !forget) return undefined;
        forget = false;
        const challenge = `Bearer realm="${server.url}/token",service="testkit"`;
        return { kind: 'answer', status: 401, headers: { 'www-authenticate': challenge } };
      },
    });
    await addImage(registry, 'linux/amd64');
    expect(tokensAsked(server)).toBe(2);
  });
});

test('a password that ran out is renewed for all who were refused with it, however late they hear of that', async () => {
  const { promise: renewed, resolve } = deferred<void>();
  const old = `Basic ${btoa('user:old')}`;
  let [password, late] = ['old', 0];
  const server = await startRegistry({
    auth: { kind: 'basic', username: 'user', password: 'new' },
    onRequest: async ({ url, headers }) => {
      if (headers.authorization !== old) return undefined;
      password = 'new';
      if (url.endsWith('/manifests/slow')) {
        late += 1;
        await renewed;
      }
      return undefined;
    },
  });
  const credentials = async () => ({ kind: 'password', username: 'user', password }) as const;
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { credentials });
  open.push(server, registry);
  const slow = registry.resolve('slow');
  while (late === 0) await wait(1);
  await expect(registry.resolve('none')).rejects.toMatchObject({ kind: 'not-found' });
  resolve();
  await expect(slow).rejects.toMatchObject({ kind: 'not-found' });
});

test('a rejection that is cut off while a helper is asked for a password does not block', async () => {
  const { descriptor, bytes } = described('application/x', 'hello');
  const refused = (length: number) => head(length, '401 Unauthorized', 'WWW-Authenticate: Basic realm="x"\r\n');
  const raw = await startRaw(undefined, (socket, asked, nth) => {
    if (nth > 1) return whole(bytes)(socket, asked);
    socket.write(refused(nth === 0 ? 0 : 100));
    if (nth === 1) setTimeout(() => socket.destroy(), 20);
  });
  let given = 0;
  const credentials = async () => {
    given += 1;
    if (given > 1) await wait(100);
    return { ...credential, password: `password ${given}` };
  };
  const registry = new Registry({ registry: raw.host, repository: 'acme/app' }, { credentials });
  open.push(raw, registry);
  expect(await registry.fetchBytes(descriptor)).toEqual(bytes);
});

test('credentials with push but without delete permission can push: distribution treats a cancelled upload as a deletion', async () => {
  const { registry, server } = await start({ kind: 'token', ...login }, credential, {
    onRequest: ({ method, url }) => {
      // Some token services give a part of what they are asked for, and some nothing.
      if (url.startsWith('/token') && url.includes('delete')) return { kind: 'answer', status: 403 };
      if (method !== 'DELETE') return undefined;
      const challenge = `Bearer realm="${server.url}/token",service="testkit",scope="repository:acme/app:delete"`;
      return { kind: 'answer', status: 401, headers: { 'www-authenticate': challenge } };
    },
  });
  await registry.checkPush();
  await addImage(registry, 'linux/amd64');
  expect(tokensAsked(server)).toBe(1);
});

describe('a cancelled caller stops waiting', () => {
  const cancelledAfter = async (registry: Registry, asked: Promise<void>) => {
    const stop = new AbortController();
    const pushing = registry.checkPush({ signal: stop.signal });
    await asked;
    stop.abort();
    await expect(pushing).rejects.toMatchObject({ kind: 'cancelled' });
  };

  test('for a token service that says nothing', async () => {
    const { promise: asked, resolve } = deferred<void>();
    const { registry } = await start({ kind: 'token', ...login }, credential, {
      onRequest: ({ url }) => {
        if (!url.startsWith('/token')) return undefined;
        resolve();
        return { kind: 'stall', done: false };
      },
    });
    await cancelledAfter(registry, asked);
  });

  test('for a credential helper that does not come back', async () => {
    const { promise: asked, resolve } = deferred<void>();
    const { server } = await start({ kind: 'basic', ...login });
    const credentials = (): Promise<Credential | undefined> => {
      resolve();
      return new Promise(() => undefined);
    };
    const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { credentials });
    open.push(registry);
    await cancelledAfter(registry, asked);
  });
});

test.each([
  [429, '7', 7_000],
  [503, 'Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
])(
  'a token service that answers %i and Retry-After %s is waited for as long as it says',
  async (status, wait, milliseconds) => {
    let asked = 0;
    const { registry, timing } = await start({ kind: 'token', ...login }, credential, {
      onRequest: ({ url }) => {
        if (!url.startsWith('/token')) return undefined;
        asked += 1;
        return asked === 1 ? { kind: 'answer', status, headers: { 'retry-after': wait } } : undefined;
      },
    });
    await registry.checkPush();
    expect(asked).toBe(2);
    expect(timing.sleeps).toHaveLength(1);
    expect(timing.sleeps[0]).toBeGreaterThanOrEqual(milliseconds);
    expect(timing.sleeps[0]).toBeLessThan(milliseconds + 1_000);
  },
);

describe('a push is refused with one clear error', () => {
  test.each<[string, RegistryAuth, Credential | undefined, RegExp]>([
    [
      'a wrong password',
      { kind: 'token', ...login },
      { ...credential, password: 'hunter2' },
      /rejected the credentials/,
    ],
    [
      'a wrong password for Basic',
      { kind: 'basic', ...login },
      { ...credential, password: 'hunter2' },
      /responded with 401/,
    ],
    ['no password', { kind: 'token', ...login }, undefined, /rejected a request without credentials/],
    ['no password for Basic', { kind: 'basic', ...login }, undefined, /responded with 401/],
    [
      'anonymous where only pulling is free',
      { kind: 'token', ...login, anonymousPull: true },
      undefined,
      /responded with 401/,
    ],
    [
      'a token with a line break',
      { kind: 'token', ...login },
      { kind: 'registry-token', token: 'a\r\nx: y' },
      /characters/,
    ],
  ])('%s', async (_, auth, known, message) => {
    const { registry, server, timing } = await start(auth, known);
    const failure: unknown = await registry.checkPush().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'unauthorized',
      message: expect.stringMatching(message),
      next: expect.any(String),
    });
    expect(String(failure)).not.toContain('hunter2');
    expect(timing.sleeps).toEqual([]);
    expect(server.requests.length).toBeLessThan(6);
  });

  test('a token service that redirects, and the redirect gets nothing', async () => {
    const other = await startRegistry();
    open.push(other);
    const { registry } = await start({ kind: 'token', ...login }, credential, {
      onRequest: ({ url }) =>
        url.startsWith('/token')
          ? { kind: 'answer', status: 307, headers: { location: `${other.url}/token` } }
          : undefined,
    });
    await expect(registry.checkPush()).rejects.toMatchObject({
      id: 'token-service-failed',
      message: expect.stringMatching(/redirects/),
    });
    expect(other.requests).toEqual([]);
  });
});

describe('a challenge', () => {
  test.each([
    [
      'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
      [{ scheme: 'bearer', parameters: { realm: 'https://a/t', service: 's', scope: 'repository:a:pull,push' } }],
    ],
    [
      'Basic realm="x", Bearer realm=y',
      [
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'bearer', parameters: { realm: 'y' } },
      ],
    ],
    [
      'Negotiate, Basic realm="a \\"b\\""',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'a "b"' } },
      ],
    ],
    ['', []],
    ['"', []],
  ])('%s', (line, challenges) => {
    expect(parseChallenges(line)).toEqual(challenges);
  });
});

describe('where a registry sends us for a token', () => {
  test.each([
    ['https://auth.docker.io/token', 'https://registry-1.docker.io', true],
    ['https://10.0.0.5/token', 'https://10.0.0.4:5000', true],
    ['https://gitlab.corp.example/jwt/auth', 'https://registry.corp.example', true],
    ['https://gitlab.com/jwt/auth', 'https://registry.gitlab.com', true],
    ['https://acme.azurecr.io/oauth2/token', 'https://acme.azurecr.io', true],
    ['https://europe-docker.pkg.dev/v2/token', 'https://europe-docker.pkg.dev', true],
    ['https://public.ecr.aws/token/', 'https://public.ecr.aws', true],
    ['https://evil.example/token', 'https://ghcr.io', false],
    ['https://ghcr.io.evil.example/token', 'https://ghcr.io', false],
    ['https://evil-ghcr.io/token', 'https://ghcr.io', false],
    ['https://ghcr.io:8443/token', 'https://ghcr.io', false],
    ['https://ghcr.io@evil.example/token', 'https://ghcr.io', false],
    ['https://ghcr.io\\@evil.example/token', 'https://ghcr.io', false],
    ['https://auth.docker.io.evil.example/token', 'https://registry-1.docker.io', false],
    ['https://other.azurecr.io/oauth2/token', 'https://acme.azurecr.io', false],
    ['https://\u0261hcr.io/token', 'https://ghcr.io', false],
    ['https://10.0.0.5/token', 'https://evil.example', false],
    ['https://172.31.255.1/token', 'https://evil.example', false],
    ['https://192.168.1.1/token', 'https://evil.example', false],
    ['https://100.64.0.1/token', 'https://evil.example', false],
    ['https://0/token', 'https://evil.example', false],
    ['https://224.0.0.1/token', 'https://evil.example', false],
    ['https://255.255.255.255/token', 'https://evil.example', false],
    ['https://[fd00::1]/token', 'https://evil.example', false],
    ['https://[fd00:ec2::254]/latest', 'https://10.0.0.4', false],
    ['https://[fe80::1]/token', 'https://evil.example', false],
    ['https://[::ffff:10.0.0.1]/token', 'https://evil.example', false],
    ['https://[64:ff9b::a00:1]/token', 'https://evil.example', false],
    ['https://127.0.0.1/token', 'https://10.0.0.4', false],
    ['https://localhost./token', 'https://evil.example', false],
    ['https://x.localhost/token', 'https://evil.example', false],
    ['javascript:alert(1)', 'https://evil.example', false],
    ['//evil.example/token', 'https://evil.example', false],
    ['http://127.0.0.1:9/token', 'http://127.0.0.1:5000', true],
    ['https://auth.example/token', 'http://127.0.0.1:5000', true],
    ['http://registry.corp.example/token', 'http://registry.corp.example', true],
    ['http://auth.docker.io/token', 'https://registry-1.docker.io', false],
    ['http://evil.example/token', 'http://127.0.0.1:5000', false],
    ['https://127.0.0.1/token', 'https://evil.example', false],
    ['https://localhost/token', 'https://evil.example', false],
    ['https://2130706433/token', 'https://evil.example', false],
    ['https://0x7f.1/token', 'https://evil.example', false],
    ['https://[::1]/token', 'https://evil.example', false],
    ['https://[::ffff:127.0.0.1]/token', 'https://evil.example', false],
    ['https://169.254.169.254/latest/meta-data', 'https://evil.example', false],
    ['https://user:pass@auth.example/token', 'https://evil.example', false],
    ['file:///etc/passwd', 'https://evil.example', false],
    ['/token', 'https://evil.example', false],
    ['', 'https://evil.example', false],
  ])('%s from %s is followed: %s', (realm, registry, good) => {
    if (good) expect(checkRealm(realm, new URL(registry)).href).toBe(realm);
    else expect(() => checkRealm(realm, new URL(registry))).toThrow(expect.objectContaining({ kind: 'unauthorized' }));
  });

  test('is held against the hosts that the user names, where one does', () => {
    const registry = new URL('https://registry.corp.example');
    expect(checkRealm('https://10.0.0.5:8443/t', registry, ['10.0.0.5:8443']).host).toBe('10.0.0.5:8443');
    expect(checkRealm('https://sso.example/t', new URL('https://ghcr.io'), ['sso.example']).host).toBe('sso.example');
    for (const other of ['https://10.0.0.5/t', 'https://auth.example/t', 'http://10.0.0.5:8443/t']) {
      expect(() => checkRealm(other, registry, ['10.0.0.5:8443'])).toThrow(/not trusted/);
    }
  });

  test('is not repeated with a password in it', () => {
    expect(() => checkRealm('https://u:hunter2@x.example/t', new URL('https://evil.example'))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('the scopes of a token', () => {
  const own = 'repository:acme/app:pull,push';
  test.each([
    ['are what we need', [own], undefined, [own]],
    ['are one for each repository', ['repository:acme/app:pull', own], undefined, [own]],
    [
      'take in what the registry wants for it',
      [own],
      'repository:acme/app:metadata_read',
      ['repository:acme/app:metadata_read,pull,push'],
    ],
    ['take in names that are no triple', [own], 'aws', [own, 'aws']],
    [
      'never take in another repository',
      [own],
      'repository:acme/secret:pull,push repository(plugin):acme/x:pull',
      [own],
    ],
    [
      'heed a port in the name',
      ['repository:localhost:5000/app:pull'],
      undefined,
      ['repository:localhost:5000/app:pull'],
    ],
  ])('%s', (_, needed, challenged, scopes) => {
    expect(scopesFor(needed, challenged)).toEqual(scopes);
  });
});

test('a rejection that is cut off while credentials are fetched does not block', async () => {
  const content = Buffer.from('content');
  const server = await startRaw(undefined, (socket, asked, nth) => {
    const refused = (length: number) => head(length, '401 Unauthorized', 'WWW-Authenticate: Basic realm="x"\r\n');
    if (nth === 0) socket.write(refused(0));
    else if (nth === 1) socket.end(`${refused(100)}half of`);
    else whole(content)(socket, asked);
  });
  let given = 0;
  const credentials = async (): Promise<Credential> => {
    given += 1;
    // As a helper does, which is a program.
    if (given > 1) await wait(50);
    return { kind: 'registry-token', token: `t${given}` };
  };
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { credentials });
  open.push(server, registry);
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(content), size: content.length };
  expect(await registry.fetchBytes(descriptor)).toEqual(content);
});
