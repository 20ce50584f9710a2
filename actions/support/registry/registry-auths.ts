import { hasKind, parseReference, type Reference, TidegateError } from '@tidegate/core';
import type { InputSpec, Job } from '@tidegate/runner';

export const registryAuthsInput = {
  'registry-auths': {
    type: 'records',
    fields: ['HOST', 'USER', 'PASSWORD'],
    secret: true,
    description:
      "Logins for registries of base images and caches, one HOST,USER,PASSWORD per line. Sent to that host only. Default: docker's configuration.",
  },
} as const satisfies Record<string, InputSpec>;

export const destinationAuthsInput = {
  'destination-auths': {
    type: 'records',
    fields: ['HOST', 'USER', 'PASSWORD'],
    secret: true,
    description:
      'Logins for several destinations, one HOST,USER,PASSWORD per line. Sent to that host only. For one registry, use `registry-username` and `registry-password`.',
  },
} as const satisfies Record<string, InputSpec>;

export interface RegistryLogin {
  /** As in a reference: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/**
 * The logins of such an input. An entry without a password is skipped, with a notice: in a pull request
 * from a fork no secret has a value, and a public base image needs none.
 * @throws TidegateError `bad-input` that shows nothing of the line
 */
export function registryLogins(
  records: readonly (readonly string[])[],
  job: Job,
  input: 'registry-auths' | 'destination-auths' = 'registry-auths',
): readonly RegistryLogin[] {
  const logins = new Map<string, RegistryLogin>();
  for (const [at, [host = '', username = '', password = '']] of records.entries()) {
    const refuse = (why: string, next: string) =>
      new TidegateError(
        'input-secret-unparsable',
        `Input ${input}: login ${at + 1} ${why}. Its content is not shown.`,
        {
          next,
        },
      );
    const registry = registryOf(host);
    if (registry === undefined) {
      throw refuse('does not begin with a registry host', 'Write HOST,USER,PASSWORD, for example ghcr.io,ada,TOKEN.');
    }
    if (logins.has(registry)) throw refuse(`is a duplicate for ${registry}`, 'Write one login per registry.');
    if (password === '') {
      job.log.notice(`Input ${input}: the login for ${registry} has no password and is skipped.`);
      continue;
    }
    job.log.mask(password);
    if (username === '' || username.includes(':')) {
      throw refuse('has no valid user name', 'Write HOST,USER,PASSWORD; a user name cannot contain a colon.');
    }
    logins.set(registry, { registry, username, password });
  }
  return [...logins.values()];
}

function registryOf(host: string): Reference['registry'] | undefined {
  // A name without a dot or port would be parsed as a repository on Docker Hub.
  if (!/^(localhost|[^/@\s.:]*[.:][^/@\s]*)$/.test(host)) return undefined;
  try {
    return parseReference(`${host}/any`).registry;
  } catch (error) {
    if (hasKind(error, 'bad-input')) return undefined;
    throw error;
  }
}

/** Docker Hub's key in docker's configuration. */
const HUB_KEY = 'https://index.docker.io/v1/';

/**
 * Logins in the form that docker's client reads from its environment (docker/cli, configfile, DOCKER_AUTH_CONFIG):
 * these take precedence, and the user's own configuration serves every other host. Nothing is written to a disk.
 * @param own DOCKER_AUTH_CONFIG of the job
 */
export function dockerAuthConfig(
  logins: readonly RegistryLogin[],
  own: string | undefined,
): Readonly<Record<string, string>> {
  if (logins.length === 0) return own ? { DOCKER_AUTH_CONFIG: own } : {};
  const auths = logins.map(({ registry, username, password }) => {
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    return [registry === 'docker.io' ? HUB_KEY : registry, { auth }] as const;
  });
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { ...authsOf(own), ...Object.fromEntries(auths) } }) };
}

/** Whether DOCKER_AUTH_CONFIG has a login for this registry. */
export function namesLogin(config: string | undefined, registry: string): boolean {
  return Object.hasOwn(authsOf(config), registry === 'docker.io' ? HUB_KEY : registry);
}

function authsOf(own: string | undefined): object {
  try {
    return Object((JSON.parse(own ?? '{}') as { auths?: unknown } | null)?.auths);
  } catch {
    // docker's client ignores an unreadable value, too.
    return {};
  }
}
