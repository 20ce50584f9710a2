import { describe, expect, test } from '@jest/globals';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { dockerAuthConfig, registryLogins } from './registry-auths.ts';

function read(...records: readonly string[][]) {
  const masked: string[] = [];
  const notices: string[] = [];
  const log = { mask: (text: string) => masked.push(text), notice: (text: string) => notices.push(text) };
  return { logins: registryLogins(records, { log } as unknown as Job), masked, notices };
}

test('each login is for one host, and its password is masked', () => {
  const { logins, masked } = read(
    ['GHCR.io', 'ada', 'one'],
    ['127.0.0.1:5000', 'ada', 'two'],
    ['index.docker.io', 'ada', 'three'],
  );
  expect(logins).toEqual([
    { registry: 'ghcr.io', username: 'ada', password: 'one' },
    { registry: '127.0.0.1:5000', username: 'ada', password: 'two' },
    { registry: 'docker.io', username: 'ada', password: 'three' },
  ]);
  expect(masked).toEqual(['one', 'two', 'three']);
});

test('a login without a password is left out: in a pull request from a fork all secrets are empty', () => {
  const { logins, notices } = read(['ghcr.io', '', ''], ['quay.io', 'ada', 'one']);
  expect(logins.map(({ registry }) => registry)).toEqual(['quay.io']);
  expect(notices).toEqual([expect.stringContaining('ghcr.io')]);
});

test.each([
  ['a URL', ['https://ghcr.io', 'hunter2', 'hunter2']],
  ['a repository', ['ghcr.io/acme', 'hunter2', 'hunter2']],
  ['a name without a dot', ['hunter2', 'hunter2', 'hunter2']],
  ['a user in the host', ['hunter2@ghcr.io', 'hunter2', 'hunter2']],
  ['a tag', ['ghcr.io:latest', 'hunter2', 'hunter2']],
  ['no user', ['ghcr.io', '', 'hunter2']],
  ['a user with a colon', ['ghcr.io', 'a:hunter2', 'hunter2']],
])('%s is refused, and nothing of it is shown', (_, record) => {
  let error: unknown;
  try {
    read(record);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(TidegateError);
  expect(messageOf(error)).toMatch(/^Input registry-auths: login 1 /);
  expect(messageOf(error)).not.toContain('hunter2');
});

test('two logins for one registry are refused', () => {
  expect(() => read(['docker.io', 'a', 'b'], ['registry-1.docker.io', 'c', 'd'])).toThrow(
    /login 2 is a duplicate for docker.io/,
  );
});

describe("docker's client", () => {
  const login = { registry: 'ghcr.io', username: 'ada', password: 'pass:word' };
  const auth = Buffer.from('ada:pass:word').toString('base64');
  const read = (variables: Readonly<Record<string, string>>) => JSON.parse(variables.DOCKER_AUTH_CONFIG ?? 'null');

  test('receives each login under its own name for that host', () => {
    const given = dockerAuthConfig([login, { ...login, registry: 'docker.io' }], undefined);
    expect(read(given)).toEqual({ auths: { 'ghcr.io': { auth }, 'https://index.docker.io/v1/': { auth } } });
  });

  test("keeps the job's own logins for other hosts", () => {
    const own = JSON.stringify({ auths: { 'ghcr.io': { auth: 'old' }, 'quay.io': { auth: 'own' } } });
    expect(read(dockerAuthConfig([login], own))).toEqual({
      auths: { 'ghcr.io': { auth }, 'quay.io': { auth: 'own' } },
    });
    expect(dockerAuthConfig([], own)).toEqual({ DOCKER_AUTH_CONFIG: own });
    expect(dockerAuthConfig([], undefined)).toEqual({});
  });

  test.each(['nonsense', 'null', '[]', '{"auths": 1}'])(
    'passes over logins of the job that it cannot read: %s',
    (own) => {
      expect(read(dockerAuthConfig([login], own))).toEqual({ auths: { 'ghcr.io': { auth } } });
    },
  );
});
