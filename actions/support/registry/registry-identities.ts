import { badInput, hasKind, parseReference, type Reference } from '@tidegate/core';
import {
  type Credential,
  type CredentialSource,
  type IdentityScope,
  identityCredentials,
  parseRegistryIdentity,
  type RegistryIdentity,
  systemTiming,
} from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import type { RegistryLogin } from './registry-auths.ts';

export interface IdentityInputs {
  readonly 'registry-identities': readonly string[];
}

/** @throws TidegateError `bad-input` for a line that is not valid, or a second one for a host */
export function registryIdentities(inputs: IdentityInputs): readonly RegistryIdentity[] {
  const identities = inputs['registry-identities'].map((line, at) => parseRegistryIdentity(line, at + 1));
  const hosts = identities.map(({ registry }) => registry);
  const repeated = hosts.find((host, at) => hosts.indexOf(host) < at);
  if (repeated === undefined) return identities;
  throw badInput(
    'registry-identity-invalid',
    'registry-identities',
    repeated,
    'one line per host',
    'Remove one of the two lines.',
  );
}

/** @throws TidegateError `bad-input` for an identity that would not be used, or a second login for its host */
export function assertIdentitiesUsed(
  identities: readonly RegistryIdentity[],
  hosts: readonly string[],
  logins: readonly string[],
): void {
  const useless = identities.find(({ registry }) => !hosts.includes(registry));
  if (useless) {
    const expected = `lines for ${hosts.join(', ')} only`;
    throw badInput(
      'input-conflict',
      'registry-identities',
      useless.registry,
      expected,
      'Remove the line, or correct its host.',
    );
  }
  assertOneLogin(identities, logins);
}

/** @throws TidegateError `bad-input` */
export function assertOneLogin(identities: readonly RegistryIdentity[], logins: readonly string[]): void {
  const twice = identities.find(({ registry }) => logins.includes(registry));
  if (!twice) return;
  const expected = 'one login per host, and another input has a password for this one';
  throw badInput(
    'input-conflict',
    'registry-identities',
    twice.registry,
    expected,
    'Remove the line, or the password.',
  );
}

/** The identity of the job as the login for one repository; undefined if no line names its host. */
export function repositoryIdentity(
  { registry, repository }: Reference,
  inputs: Partial<IdentityInputs> & { readonly 'insecure-registries': readonly string[] },
  access: 'pull' | 'push',
  job: Job,
): CredentialSource | undefined {
  const identity = registryIdentities({ 'registry-identities': inputs['registry-identities'] ?? [] }).find(
    (one) => one.registry === registry,
  );
  if (!identity) return undefined;
  if (inputs['insecure-registries'].includes(registry)) {
    const expected = 'hosts that insecure-registries does not name, because a token would be readable on the way';
    throw badInput(
      'input-conflict',
      'registry-identities',
      registry,
      expected,
      `Remove ${registry} from insecure-registries.`,
    );
  }
  return sourceOf(identity, { pull: repository, push: access === 'push' ? repository : undefined }, job);
}

export interface BaseIdentityInputs extends IdentityInputs {
  readonly 'registry-auths': readonly (readonly string[])[];
  readonly cache: 'off' | 'gha' | 'registry';
  readonly 'cache-image': string;
}

/**
 * Logins to pull base images, requested now: a build cannot renew them. A run that publishes nothing goes on without a
 * login that it does not get, with a notice: trust policies often name branches only, and a public base needs no login.
 * @throws TidegateError `unauthorized` in a run that publishes
 */
export async function baseImageLogins(
  inputs: BaseIdentityInputs,
  isPublished: boolean,
  job: Job,
): Promise<readonly RegistryLogin[]> {
  const identities = registryIdentities(inputs);
  assertOneLogin(
    identities,
    inputs['registry-auths'].map(([host = '']) => host),
  );
  const cache = isPublished && inputs.cache === 'registry' ? parseReference(inputs['cache-image']) : undefined;
  const logins = await Promise.all(
    identities.map(async (identity) => {
      const { registry } = identity;
      const push = cache?.registry === registry ? cache.repository : undefined;
      try {
        const credential = await sourceOf(identity, { pull: 'all', push }, job)(registry);
        return credential && { registry, ...userAndPassword(credential) };
      } catch (error) {
        if (isPublished || !hasKind(error, 'unauthorized')) throw error;
        job.log.notice(`Base images are pulled from ${registry} without a login. ${error.message}`);
        return undefined;
      }
    }),
  );
  return logins.filter((login) => login !== undefined);
}

function sourceOf(identity: RegistryIdentity, scope: IdentityScope, job: Job): CredentialSource {
  return identityCredentials(identity, scope, {
    connection: { proxies: job.network.proxies, machineCa: job.network.certificates() },
    jobToken: job.loginToken,
    onSecret: (secret) => job.log.mask(secret),
    timing: systemTiming,
    signal: job.signal,
  });
}

/** ACR takes a refresh token as the password of this user (Azure/acr, docs/AAD-OAuth.md). */
const ACR_USER = '00000000-0000-0000-0000-000000000000';

function userAndPassword(credential: Credential): Pick<RegistryLogin, 'username' | 'password'> {
  if (credential.kind === 'password') return credential;
  return { username: ACR_USER, password: credential.token };
}
