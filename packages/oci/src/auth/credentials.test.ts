import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { RunCredentialHelper } from './credential-helper.ts';
import { firstOf, staticCredentials } from './credentials.ts';
import { dockerCredentials } from './docker-config.ts';

const base = mkdtempSync(join(tmpdir(), 'tidegate-credentials-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const encoded = (text: string) => Buffer.from(text).toString('base64');
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret });
const noHelper: RunCredentialHelper = async (program) => {
  throw new Error(`${program} was not expected`);
};

function source(config: unknown, helperRun: RunCredentialHelper = noHelper) {
  const configDir = mkdtempSync(join(base, 'config-'));
  writeFileSync(join(configDir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return dockerCredentials({ configDir, helperRun });
}

describe('credentials stored by docker login are found for exactly their registry:', () => {
  const entry = { auth: encoded('u:p') };
  test.each([
    ['ghcr.io', 'ghcr.io', true],
    ['https://ghcr.io', 'ghcr.io', true],
    ['https://ghcr.io/v2/', 'ghcr.io', true],
    ['GHCR.io', 'ghcr.io', true],
    ['127.0.0.1:5000', '127.0.0.1:5000', true],
    ['https://index.docker.io/v1/', 'docker.io', true],
    ['docker.io', 'docker.io', true],
    ['registry-1.docker.io', 'docker.io', true],
    ['evil-ghcr.io', 'ghcr.io', false],
    ['ghcr.io', 'evil-ghcr.io', false],
    ['ghcr.io.evil.example', 'ghcr.io', false],
    ['ghcr.io', 'ghcr.io:8443', false],
    ['ghcr.io:8443', 'ghcr.io', false],
    ['ghcr.io/acme', 'ghcr.io', false],
    ['https://evil.example/ghcr.io', 'ghcr.io', false],
    ['docker.io.evil.example', 'docker.io', false],
    ['ghcr.io@evil.example', 'ghcr.io', false],
    ['user@ghcr.io', 'ghcr.io', false],
    ['*.ghcr.io', 'ghcr.io', false],
    ['ghcr.io.', 'ghcr.io', false],
    ['xn--ghcr-1ra.io', 'ghcr.io', false],
    ['https://index.docker.io/v1/access-token', 'docker.io', false],
    ['https://index.docker.io/v1/refresh-token', 'docker.io', false],
  ])('%s for %s: %s', async (key, registry, found) => {
    expect(await source({ auths: { [key]: entry } })(registry)).toEqual(found ? password('u', 'p') : undefined);
  });

  test.each([
    ['a password with colons', { auth: encoded('u:p:q') }, password('u', 'p:q')],
    ['name and password apart', { username: 'u', password: 'p' }, password('u', 'p')],
    ['an identity token', { auth: encoded('u:'), identitytoken: 't' }, { kind: 'identity-token', token: 't' }],
    ['a registry token', { registrytoken: 't' }, { kind: 'registry-token', token: 't' }],
    ['an empty entry, as a credential store leaves it', {}, undefined],
  ])('%s', async (_, fields, credential) => {
    expect(await source({ auths: { 'ghcr.io': fields } })('ghcr.io')).toEqual(credential);
  });

  test('where docker wrote its own key for Docker Hub, that one counts', async () => {
    const auths = {
      'docker.io': { auth: encoded('a:1') },
      'https://index.docker.io/v1/': { auth: encoded('b:2') },
      'https://ghcr.io': { auth: encoded('c:3') },
      'ghcr.io': { auth: encoded('d:4') },
    };
    expect(await source({ auths })('docker.io')).toEqual(password('b', '2'));
    expect(await source({ auths })('ghcr.io')).toEqual(password('d', '4'));
  });

  test('no config is no credential', async () => {
    const credentials = dockerCredentials({ configDir: join(base, 'none'), helperRun: noHelper });
    expect(await credentials('ghcr.io')).toBeUndefined();
  });

  test('nor is a file in the place of its folder', async () => {
    writeFileSync(join(base, 'file'), '');
    const credentials = dockerCredentials({ configDir: join(base, 'file'), helperRun: noHelper });
    expect(await credentials('ghcr.io')).toBeUndefined();
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a registry named twice', '{"auths":{"ghcr.io":{"auth":"aaaa"},"ghcr.io":{"auth":"bbbb"}}}'],
    ['two megabytes', ' '.repeat(2 * 1024 * 1024)],
    ['an entry that is no base64', { auths: { 'ghcr.io': { auth: '!!!' } } }],
    ['an entry with rubbish in its base64', { auths: { 'ghcr.io': { auth: `${encoded('u:p')}\n!` } } }],
    ['an entry without a colon', { auths: { 'ghcr.io': { auth: encoded('user') } } }],
    ['an entry without a name', { auths: { 'ghcr.io': { auth: encoded(':p') } } }],
  ])('%s is an error, not an anonymous try', async (_, config) => {
    await expect(source(config)('ghcr.io')).rejects.toMatchObject({ kind: 'unauthorized', next: expect.any(String) });
  });

  test('a FIFO in its place does not block, and a link is followed', async () => {
    const [fifo, linked, kept] = ['fifo', 'linked', 'kept'].map((name) => join(base, name)) as [string, string, string];
    for (const folder of [fifo, linked]) mkdirSync(folder);
    execFileSync('mkfifo', [join(fifo, 'config.json')]);
    writeFileSync(kept, JSON.stringify({ auths: { 'ghcr.io': { auth: encoded('u:p') } } }));
    symlinkSync(kept, join(linked, 'config.json'));
    const of = (configDir: string) => dockerCredentials({ configDir, helperRun: noHelper })('ghcr.io');
    await expect(of(fifo)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('not a regular file'),
    });
    expect(await of(linked)).toEqual(password('u', 'p'));
  });
});

describe('a credential helper', () => {
  const answering =
    (stdout: unknown, exitCode = 0, calls: unknown[] = []): RunCredentialHelper =>
    async (...call) => {
      calls.push(call);
      return { exitCode, stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout) };
    };

  test('of the registry goes before the store, and the store before auths', async () => {
    const calls: unknown[] = [];
    const config = {
      credHelpers: { 'ghcr.io': 'gh' },
      credsStore: 'desktop',
      auths: { 'quay.io': { auth: encoded('u:p') } },
    };
    const credentials = source(config, answering({ Username: 'h', Secret: 's' }, 0, calls));
    expect(await credentials('ghcr.io')).toEqual(password('h', 's'));
    expect(await credentials('docker.io')).toEqual(password('h', 's'));
    expect(calls).toEqual([
      ['docker-credential-gh', ['get'], 'ghcr.io'],
      ['docker-credential-desktop', ['get'], 'https://index.docker.io/v1/'],
    ]);
  });

  test('that knows nothing leaves it to auths', async () => {
    const config = { credsStore: 'desktop', auths: { 'quay.io': { auth: encoded('u:p') } } };
    const notFound = answering('credentials not found in native keychain\n', 1);
    expect(await source(config, notFound)('quay.io')).toEqual(password('u', 'p'));
  });

  test('may give an identity token', async () => {
    const credentials = source({ credsStore: 'acr' }, answering({ Username: '<token>', Secret: 't' }));
    expect(await credentials('x.azurecr.io')).toEqual({ kind: 'identity-token', token: 't' });
  });

  test.each([
    ['ends badly', 'x', answering('secret-of-helper', 3)],
    ['prints no JSON', 'x', answering('secret-of-helper')],
    ['prints no secret', 'x', answering({ Username: 'secret-of-helper' })],
    ['has a name that is a path', '../../tmp/x', answering({})],
    ['has a name with an option in it', 'x -c', answering({})],
    ['prints a list', 'x', answering(['secret-of-helper'])],
    ['prints null', 'x', answering('null')],
    ['prints a secret that is no text', 'x', answering({ Username: 'u', Secret: 5 })],
    ['has a name that is an absolute path', '/tmp/x', answering({})],
    ['is not installed', 'x', noHelper],
  ])('that %s is an error that shows nothing of what it said', async (_, name, run) => {
    const failure: unknown = await source({ credsStore: name }, run)('ghcr.io').catch((error: unknown) => error);
    expect(failure).toMatchObject({ id: 'credential-helper-failed', next: expect.any(String) });
    expect(String(failure)).not.toContain('secret-of-helper');
  });
});

test('given credentials are for one registry, and the first source that knows wins', async () => {
  const sources = firstOf(staticCredentials('ghcr.io', 'a', 'b'), staticCredentials('index.docker.io', 'c', 'd'));
  expect(await sources('ghcr.io')).toEqual(password('a', 'b'));
  expect(await sources('docker.io')).toEqual(password('c', 'd'));
  expect(await sources('ghcr.io:443')).toBeUndefined();
});
