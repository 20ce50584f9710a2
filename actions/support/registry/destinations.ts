import { badInput, mapEach, type OneOrMore, parseReference } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import { type RegistryInputs, registryOf } from './registry.ts';
import { type RegistryLogin, registryLogins } from './registry-auths.ts';
import { assertIdentitiesUsed, assertOneLogin, registryIdentities } from './registry-identities.ts';

export interface DestinationInputs extends RegistryInputs {
  readonly 'registry-identities': readonly string[];
  readonly 'destination-auths': readonly (readonly string[])[];
}

/** The repositories that an image is published to, each with the login for its own host. */
export function destinationsOf(
  images: OneOrMore<string>,
  inputs: DestinationInputs,
  job: Job,
  logins = destinationLogins(images, inputs, job),
  access: 'pull' | 'push' = 'push',
): OneOrMore<Registry> {
  return mapEach(
    mapEach(images, (image) => parseReference(image)),
    (reference) => {
      const login = logins.find(({ registry }) => registry === reference.registry);
      const own = { 'registry-username': login?.username ?? '', 'registry-password': login?.password ?? '' };
      return registryOf(reference, { ...inputs, ...own }, job, access);
    },
  );
}

/**
 * The login of each host that has one among the inputs. `registry-password` belongs to exactly one host: the only one, or
 * the only one that `destination-auths` does not name. It is never sent to a host by a guess.
 * @param identities the only lines of `registry-identities` that make sense: those of destinations, or also others
 * @throws TidegateError `bad-input` if its host is not clear, or a login is for another host
 */
export function destinationLogins(
  images: OneOrMore<string>,
  inputs: DestinationInputs,
  job: Job,
  identities: 'of destinations' | 'of any host' = 'of destinations',
): readonly RegistryLogin[] {
  const hosts = [...new Set(images.map((image) => parseReference(image).registry))];
  const named = registryLogins(inputs['destination-auths'], job, 'destination-auths');
  const useless = named.find(({ registry }) => !hosts.includes(registry));
  if (useless) {
    const expected = `logins for ${hosts.join(', ')} only`;
    const next = 'Remove the login, or add its repository to image. Logins for base images belong in registry-auths.';
    throw badInput('input-conflict', 'destination-auths', useless.registry, expected, next);
  }
  const keyless = registryIdentities(inputs);
  const withPassword = named.map(({ registry }) => registry);
  if (identities === 'of any host') assertOneLogin(keyless, withPassword);
  else assertIdentitiesUsed(keyless, hosts, withPassword);
  const { 'registry-username': username, 'registry-password': password } = inputs;
  if (!username && !password) return named;
  const open = hosts.filter((host) => ![...named, ...keyless].some(({ registry }) => registry === host));
  const [registry] = open;
  if (registry === undefined || open.length > 1) {
    const of = open.length > 1 ? open : hosts;
    const expected =
      open.length > 1
        ? `no value, because it is not clear which of ${of.join(', ')} it belongs to`
        : `no value, because another input has a login for ${of.join(', ')}`;
    const next = 'Write the logins as lines HOST,USER,PASSWORD of destination-auths, and remove this one.';
    throw badInput('input-conflict', 'registry-username', username, expected, next);
  }
  return [...named, { registry, username, password }];
}

/**
 * The inputs for a run that only reads the registry. A fork's run has no secrets: a user name without its password must
 * not fail it, so a login with one half is left out.
 */
export function withoutIncompleteLogin<Inputs extends RegistryInputs>(inputs: Inputs): Inputs {
  const isComplete = inputs['registry-username'] !== '' && inputs['registry-password'] !== '';
  return isComplete ? inputs : { ...inputs, 'registry-username': '', 'registry-password': '' };
}
