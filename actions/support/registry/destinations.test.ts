import { expect, test } from '@jest/globals';
import { messageOf, type OneOrMore } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { destinationLogins, withoutIncompleteLogin } from './destinations.ts';

const [GHCR, HUB, QUAY] = ['ghcr.io/acme/app', 'docker.io/acme/app', 'quay.io/acme/app'] as const;
const HUB_LOGIN = ['docker.io', 'ada', 'of the hub'];

interface Given {
  readonly user?: readonly [name: string, password: string];
  readonly auths?: readonly (readonly string[])[];
}

/** `host user:password` of every login. */
function logins(images: OneOrMore<string>, { user: [name, password] = ['', ''], auths = [] }: Given) {
  const log = { mask: () => {}, notice: () => {} };
  const inputs = {
    'registry-username': name,
    'registry-password': password,
    'destination-auths': auths,
    'registry-identities': [],
    ...{ token: 'of the job', 'insecure-registries': [] },
  };
  return destinationLogins(images, inputs, { log } as unknown as Job).map(
    ({ registry, username, password: of }) => `${registry} ${username}:${of}`,
  );
}

test.each<[string, OneOrMore<string>, Given, readonly string[]]>([
  ['one destination', [HUB], { user: ['ada', 'secret'] }, ['docker.io ada:secret']],
  ['two repositories of one host', [HUB, 'acme/other'], { user: ['ada', 'secret'] }, ['docker.io ada:secret']],
  ['logins by host', [GHCR, HUB], { auths: [HUB_LOGIN] }, ['docker.io ada:of the hub']],
  [
    'the only host that no line names',
    [GHCR, HUB],
    { user: ['bob', 'of ghcr'], auths: [HUB_LOGIN] },
    ['docker.io ada:of the hub', 'ghcr.io bob:of ghcr'],
  ],
  ['no login', [GHCR, HUB], {}, []],
])('%s: each login is for one host', (_, images, given, expected) => {
  expect(logins(images, given)).toEqual(expected);
});

test.each<[string, OneOrMore<string>, Given, string]>([
  ['two hosts', [GHCR, HUB], { user: ['ada', 'secret'] }, 'not clear which of ghcr.io, docker.io it belongs to'],
  [
    'three hosts, one of them named',
    [GHCR, HUB, QUAY],
    { user: ['ada', 'secret'], auths: [HUB_LOGIN] },
    'ghcr.io, quay.io',
  ],
  [
    'a host that a line names',
    [HUB],
    { user: ['ada', 'secret'], auths: [HUB_LOGIN] },
    'another input has a login for docker.io',
  ],
  ['a line for another host', [GHCR], { auths: [HUB_LOGIN] }, 'logins for ghcr.io only'],
])('a password for %s is refused, and not shown', (_, images, given, expected) => {
  let error: unknown;
  try {
    logins(images, given);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ id: 'input-conflict', message: expect.stringContaining(expected) });
  expect(messageOf(error)).not.toMatch(/secret|of the hub/);
});

test.each([
  ['a user name without its password', 'ada', '', ['', '']],
  ['a password without its user name', '', 'secret', ['', '']],
  ['a whole login', 'ada', 'secret', ['ada', 'secret']],
])('a run that only reads, with %s', (_, name, password, expected) => {
  const rest = { token: 'of the job', 'insecure-registries': ['localhost'] };
  const inputs = { ...rest, 'registry-username': name, 'registry-password': password };
  const { 'registry-username': user, 'registry-password': secret, ...others } = withoutIncompleteLogin(inputs);
  expect([user, secret]).toEqual(expected);
  expect(others).toEqual(rest);
});
