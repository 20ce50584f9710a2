import { afterEach, describe, expect, test } from '@jest/globals';
import { type RegistryAuth, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { checkRealm, parseChallenges } from './auth.ts';
import type { Credential } from './credentials.ts';
import { addImage, virtualTiming } from './fixture.ts';
import { Registry } from './registry.ts';

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

describe('a push is let in', () => {
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
    await registry.tag(image, 'v1');
    expect(server.tags('acme/app').get('v1')).toBe(image.digest);
  });

  test('with one question for a token, however many requests want it at once', async () => {
    const { registry, server } = await start({ kind: 'token', ...login }, credential);
    await Promise.all(['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform) => addImage(registry, platform)));
    expect(tokensAsked(server)).toBe(1);
  });

  test('and a new token is asked for when the old one expires', async () => {
    const { registry, server, timing } = await start({ kind: 'token', ...login, lifetime: 100 }, credential);
    const image = await addImage(registry, 'linux/amd64');
    await timing.sleep(95_000);
    await registry.tag(image, 'v1');
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

describe('a push is refused with one clear error', () => {
  test.each<[string, RegistryAuth, Credential | undefined, RegExp]>([
    [
      'a wrong password',
      { kind: 'token', ...login },
      { ...credential, password: 'hunter2' },
      /refused these credentials/,
    ],
    ['a wrong password for Basic', { kind: 'basic', ...login }, { ...credential, password: 'hunter2' }, /answered 401/],
    ['no password', { kind: 'token', ...login }, undefined, /refused us without credentials/],
    ['no password for Basic', { kind: 'basic', ...login }, undefined, /answered 401/],
    [
      'anonymous where only pulling is free',
      { kind: 'token', ...login, anonymousPull: true },
      undefined,
      /answered 401/,
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
      code: 'unauthorized',
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
      code: 'unauthorized',
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
    ['https://10.0.0.5/token', 'https://registry.corp.example', true],
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
    else expect(() => checkRealm(realm, new URL(registry))).toThrow(expect.objectContaining({ code: 'unauthorized' }));
  });
});
