import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { destinationLogins } from './destinations.ts';
import { registryOf } from './registry.ts';
import { assertIdentitiesUsed, baseImageLogins, registryIdentities } from './registry-identities.ts';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const LINE = `${ECR} role=arn:aws:iam::123456789012:role/push`;
const QUAY = 'quay.io robot=acme+push';
const notices: string[] = [];
/** A job of a fork: no token. */
const job = {
  log: { mask: () => {}, info: () => {}, notice: (message: string) => notices.push(message) },
  loginToken: async () => {
    throw new TidegateError('id-token-denied', 'This needs `permissions: id-token: write`.');
  },
  network: { proxies: { proxyFor: () => undefined }, certificates: () => undefined },
  signal: new AbortController().signal,
  env: {},
} as unknown as Job;
const inputs = {
  ...{ 'registry-username': '', 'registry-password': '', 'destination-auths': [], token: '' },
  ...{ 'insecure-registries': [], 'registry-identities': [LINE] },
};
const build = {
  ...{ 'registry-identities': [LINE], 'registry-auths': [], cache: 'off' as const, 'cache-image': '' },
};

describe('a line of registry-identities is refused', () => {
  test.each<[string, () => unknown, string]>([
    ['if it is the second for a host', () => registryIdentities({ 'registry-identities': [LINE, QUAY, LINE] }), ECR],
    ['if its host is no destination', () => destinationLogins(['ghcr.io/acme/app'], inputs, job), ECR],
    [
      'if another input has a password for its host',
      () => destinationLogins([`${ECR}/app`], { ...inputs, 'destination-auths': [[ECR, 'AWS', 'hunter2']] }, job),
      'one login per host',
    ],
    [
      'if the only host has a user name, too',
      () =>
        destinationLogins(
          [`${ECR}/app`],
          { ...inputs, 'registry-username': 'AWS', 'registry-password': 'hunter2' },
          job,
        ),
      'another input has a login',
    ],
    [
      'of a scanned image for another host',
      () => assertIdentitiesUsed(registryIdentities(inputs), ['ghcr.io'], []),
      ECR,
    ],
    [
      'if its host is reached over plain HTTP',
      () => {
        const reference = { registry: ECR, repository: 'app' } as Parameters<typeof registryOf>[0];
        return registryOf(reference, { ...inputs, 'insecure-registries': [ECR] }, job);
      },
      'insecure-registries',
    ],
  ])('%s', (_, refused, expected) => {
    let error: unknown;
    try {
      refused();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ kind: 'bad-input', message: expect.stringContaining(expected) });
    expect(String(error)).not.toContain('hunter2');
  });
});

test('base images of any host may have a line beside the destinations', () => {
  expect(destinationLogins(['ghcr.io/acme/app'], inputs, job, 'of any host')).toEqual([]);
});

test('a run that publishes nothing builds without a login that it does not get, and says so', async () => {
  notices.length = 0;
  expect(await baseImageLogins(build, false, job)).toEqual([]);
  expect(notices).toEqual([
    `Base images are pulled from ${ECR} without a login. This needs \`permissions: id-token: write\`.`,
  ]);
});

test('a run that publishes fails without it', async () => {
  await expect(baseImageLogins(build, true, job)).rejects.toMatchObject({ id: 'id-token-denied' });
});

test('one host has not two logins for base images', async () => {
  const twice = { ...build, 'registry-auths': [[ECR, 'AWS', 'x']] };
  await expect(baseImageLogins(twice, true, job)).rejects.toMatchObject({ id: 'input-conflict' });
});
