import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { dockerCredentials, firstOf, type HelperRun, spawnHelper, staticCredentials } from './credentials.ts';

const base = mkdtempSync(join(tmpdir(), 'tidegate-credentials-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const encoded = (text: string) => Buffer.from(text).toString('base64');
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret });
const noHelper: HelperRun = async (program) => {
  throw new Error(`${program} was not expected`);
};

function source(config: unknown, helperRun: HelperRun = noHelper) {
  const configDir = mkdtempSync(join(base, 'config-'));
  writeFileSync(join(configDir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return dockerCredentials({ configDir, helperRun });
}

describe('what docker login left is found for exactly its registry:', () => {
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

  test('no config is no credential', async () => {
    const credentials = dockerCredentials({ configDir: join(base, 'none'), helperRun: noHelper });
    expect(await credentials('ghcr.io')).toBeUndefined();
  });

  test.each([
    ['no JSON', '{'],
    ['an entry that is no base64', { auths: { 'ghcr.io': { auth: '!!!' } } }],
  ])('%s is an error, not an anonymous try', async (_, config) => {
    await expect(source(config)('ghcr.io')).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('a credential helper', () => {
  const answering =
    (stdout: unknown, exitCode = 0, calls: unknown[] = []): HelperRun =>
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
    ['is not installed', 'x', noHelper],
  ])('that %s is an error that shows nothing of what it said', async (_, name, run) => {
    const failure: unknown = await source({ credsStore: name }, run)('ghcr.io').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized', next: expect.any(String) });
    expect(String(failure)).not.toContain('secret-of-helper');
  });

  test('runs as a program with the registry on stdin and only the environment it is given', async () => {
    const program = join(base, 'docker-credential-echo');
    writeFileSync(program, '#!/bin/sh\nread server\necho "$1 $server $GIVEN $HOME"\nexit 4\n', { mode: 0o755 });
    const run = spawnHelper({ PATH: process.env.PATH ?? '', GIVEN: 'yes' });
    expect(await run(program, ['get'], 'ghcr.io\n')).toEqual({ exitCode: 4, stdout: 'get ghcr.io yes \n' });
  });
});

test('given credentials are for one registry, and the first source that knows wins', async () => {
  const sources = firstOf(staticCredentials('ghcr.io', 'a', 'b'), staticCredentials('index.docker.io', 'c', 'd'));
  expect(await sources('ghcr.io')).toEqual(password('a', 'b'));
  expect(await sources('docker.io')).toEqual(password('c', 'd'));
  expect(await sources('ghcr.io:443')).toBeUndefined();
});
