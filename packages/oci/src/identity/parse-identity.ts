import { badInput } from '@tidegate/core';
import { canonicalHost } from '../auth/credentials.ts';
import type { RegistryIdentity } from './identity.ts';

interface Key {
  readonly pattern: RegExp;
  readonly expected: string;
  readonly optional?: true;
}

interface Provider {
  readonly host: RegExp;
  readonly keys: Readonly<Record<string, Key>>;
  readonly identity: (found: RegExpExecArray, values: Readonly<Record<string, string>>) => RegistryIdentity;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ROLE: Key = {
  pattern: /^arn:aws(-cn|-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
  expected: 'the ARN of a role: role=arn:aws:iam::123456789012:role/push',
};
const uuid = (key: string, of: string): Key => ({
  pattern: UUID,
  expected: `the ID of ${of}: ${key}=11111111-2222-3333-4444-555555555555`,
});

/** The host decides on the provider, and so on the keys. */
const PROVIDERS: readonly Provider[] = [
  {
    // A region, not another name of AWS (`s3-us-west-2`): it becomes part of the host that gets the token.
    host: /^(\d{12})\.dkr\.ecr\.([a-z]{2,4}(?:-[a-z]{2,12}){1,2}-\d{1,2})\.(amazonaws\.com(?:\.cn)?)$/,
    keys: { role: ROLE },
    identity: ([registry, account, region = '', domain = ''], { role = '' }) => ({
      ...{ provider: 'ecr', registry, account, region, domain, role },
    }),
  },
  {
    host: /^public\.ecr\.aws$/,
    keys: { role: ROLE },
    // The API of ECR Public exists in this region (User Guide, "Registry authentication").
    identity: ([registry], { role = '' }) => ({
      ...{ provider: 'ecr', registry, account: undefined, region: 'us-east-1', domain: 'amazonaws.com', role },
    }),
  },
  {
    host: /^[a-z0-9-]{2,40}-docker\.pkg\.dev$/,
    keys: {
      provider: {
        pattern:
          /^projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
        expected:
          'the full name of a workload identity provider: provider=projects/123456/locations/global/workloadIdentityPools/github/providers/acme',
      },
      'service-account': {
        pattern: /^[a-z0-9-]{1,63}@[a-z0-9.-]{1,190}\.gserviceaccount\.com$/,
        expected: 'the e-mail address of a service account: service-account=push@acme.iam.gserviceaccount.com',
        optional: true,
      },
    },
    identity: ([registry], { provider: pool = '', 'service-account': serviceAccount }) => ({
      ...{ provider: 'google', registry, pool, serviceAccount },
    }),
  },
  {
    host: /^[a-z0-9-]{5,63}\.azurecr\.io$/,
    keys: { tenant: uuid('tenant', 'a tenant'), client: uuid('client', 'an application or managed identity') },
    identity: ([registry], { tenant = '', client = '' }) => ({ provider: 'azure', registry, tenant, client }),
  },
  {
    host: /^docker\.io$/,
    keys: {
      organization: {
        pattern: /^[a-z0-9][a-z0-9_-]{1,63}$/,
        expected: 'the name of an organization of Docker Hub: organization=acme',
      },
      connection: uuid('connection', 'an OIDC connection of Docker Home'),
    },
    identity: ([registry], { organization = '', connection = '' }) => ({
      ...{ provider: 'docker-hub', registry, organization, connection },
    }),
  },
  {
    host: /^quay\.io$/,
    keys: {
      robot: {
        pattern: /^[a-z0-9][a-z0-9_.-]{0,254}\+[a-z][a-z0-9_]{1,254}$/,
        expected: 'the name of a robot account: robot=acme+push',
      },
    },
    identity: ([registry], { robot = '' }) => ({ provider: 'quay', registry, robot }),
  },
];

const HOSTS =
  'ACCOUNT.dkr.ecr.REGION.amazonaws.com, public.ecr.aws, LOCATION-docker.pkg.dev, NAME.azurecr.io, docker.io or quay.io';
const INPUT = 'registry-identities';

/**
 * One entry of the input: a host and KEY=VALUE pairs, separated by blanks.
 * @param number of the entry, from 1
 * @throws TidegateError `bad-input`
 */
export function parseRegistryIdentity(text: string, number: number): RegistryIdentity {
  const place = `${INPUT}, line ${number}`;
  const [host = '', ...pairs] = text.trim().split(/\s+/);
  const registry = canonicalHost(host);
  for (const provider of PROVIDERS) {
    const found = provider.host.exec(registry);
    if (found) return provider.identity(found, valuesOf(pairs, provider.keys, { place, registry }));
  }
  const next =
    'Write HOST KEY=VALUE, for example: 123456789012.dkr.ecr.eu-west-1.amazonaws.com role=arn:aws:iam::123456789012:role/push. For other registries, use a password.';
  throw badInput('registry-identity-invalid', place, host, `one of the hosts ${HOSTS}`, next);
}

function valuesOf(
  pairs: readonly string[],
  keys: Provider['keys'],
  { place, registry }: { readonly place: string; readonly registry: string },
): Readonly<Record<string, string>> {
  const names = Object.keys(keys);
  const values: Record<string, string> = Object.create(null);
  const refuse = (value: string, expected: string, next: string) =>
    badInput('registry-identity-invalid', place, value, expected, next);
  for (const pair of pairs) {
    const [, name = pair, value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    // Only the name is shown: its value may be a password.
    if (!key) {
      throw refuse(name, `only ${names.join(' and ')} for ${registry}`, 'Remove the key. No password belongs here.');
    }
    if (name in values) throw refuse(pair, `${name} once`, 'Remove one of the two.');
    if (!key.pattern.test(value)) throw refuse(pair, key.expected, `Correct ${name}.`);
    values[name] = value;
  }
  for (const [name, key] of Object.entries(keys)) {
    if (name in values || key.optional) continue;
    throw refuse([registry, ...pairs].join(' '), key.expected, `Add ${name} to the line of ${registry}.`);
  }
  return values;
}
