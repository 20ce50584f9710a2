import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ERRORS, type ErrorId } from '@tidegate/core';
import { newRepository, type Repository } from './repository.fixture.ts';

let repository: Repository;
beforeEach(async () => {
  // The source check would fail, too: its error comes second.
  repository = await newRepository({
    Dockerfile: 'FROM scratch\nCOPPY . .\n',
    'public.pem': '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
    'moved.pem': 'keys/cosign.key',
  });
  await repository.git('remote', 'add', 'origin', 'https://github.com/acme/app.git');
});
afterEach(() => repository.remove());

test.each<[string, string[], ErrorId, RegExp]>([
  [
    'neither a key nor a token',
    [],
    'id-token-missing',
    /needs an identity token, and there is none\.\n.*--key-file FILE/,
  ],
  ['signing: key without a key', ['--signing', 'key'], 'key-missing', /the signing key is empty/],
  ['a public key', ['--key-file', 'public.pem'], 'key-wrong-kind', /A public key was given/],
  ['the path of a key that does not exist', ['--key-file', 'moved.pem'], 'key-unreadable', /expected PEM text/],
  ['a text that is not a token', ['--identity-token-file', 'moved.pem'], 'input-format-wrong', /a JSON Web Token/],
])('ship with %s fails before the source check and the build', async (_, flags, id, says) => {
  const ship = ['ship', '127.0.0.1:9/acme/app', '--default-branch', 'main', '--json', ...flags];
  const { exitCode, stdout, stderr } = await repository.run(...ship);
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, ERRORS[id].code]);
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain('COPPY');
});
