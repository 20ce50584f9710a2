import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput, type Reference } from '@tidegate/core';
import {
  type ConnectionOptions,
  type CredentialSource,
  dockerCredentials,
  firstOf,
  Registry,
  type RunCredentialHelper,
  staticCredentials,
} from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import { childContexts, credentialHelper, temporaryFolder } from '@tidegate/tools';
import { namesLogin } from './registry-auths.ts';
import { type IdentityInputs, repositoryIdentity } from './registry-identities.ts';

export interface RegistryInputs extends Partial<IdentityInputs> {
  readonly 'registry-username': string;
  readonly 'registry-password': string;
  readonly token: string;
  readonly 'insecure-registries': readonly string[];
}

/** GitHub's own registry, the only host that receives the workflow's token. */
const GITHUB_REGISTRY = 'ghcr.io';

/**
 * The repository an image is published to. Its credentials are the job's identity, if an input says so, else in this
 * order: inputs, docker's configuration, GITHUB_TOKEN for ghcr.io.
 * @param beside a repository of the same registry and login
 */
export function registryOf(
  reference: Reference,
  inputs: RegistryInputs,
  job: Job,
  access: 'pull' | 'push' = 'push',
  beside?: Registry,
): Registry {
  const { 'registry-username': username, 'registry-password': password } = inputs;
  if (Boolean(username) !== Boolean(password)) {
    const [missing, given] = username
      ? ['registry-password', 'registry-username']
      : ['registry-username', 'registry-password'];
    throw badInput('input-conflict', missing, '', `a value, because ${given} is set`, 'Set both, or neither.');
  }
  const identity = repositoryIdentity(reference, inputs, access, job);
  const sources: CredentialSource[] = identity ? [identity] : [];
  if (username) sources.push(staticCredentials(reference.registry, username, password));
  const docker = dockerLogins(job);
  if (docker) sources.push(docker);
  if (inputs.token)
    sources.push(staticCredentials(GITHUB_REGISTRY, job.env.GITHUB_ACTOR || 'x-access-token', inputs.token));
  return new Registry(reference, {
    credentials: firstOf(...sources),
    insecure: inputs['insecure-registries'],
    beside,
    ...connectionsOf(job),
    onSecret: (secret) => job.log.mask(secret),
    onRetry: ({ failure, wait }) => job.log.info(`${failure.message} Retrying in ${Math.ceil(wait / 1000)} s.`),
  });
}

/** Whether docker's client would find a login for this registry, in its environment or configuration. */
export async function hasDockerLogin(registry: string, job: Job): Promise<boolean> {
  if (namesLogin(job.env.DOCKER_AUTH_CONFIG, registry)) return true;
  return (await dockerLogins(job)?.(registry)) !== undefined;
}

function dockerLogins(job: Job): CredentialSource | undefined {
  const { DOCKER_CONFIG, HOME } = job.env;
  const configDir = DOCKER_CONFIG || (HOME && join(HOME, '.docker'));
  return configDir ? dockerCredentials({ configDir, helperRun: helperOf(job) }) : undefined;
}

function helperOf({ env, temp, workspace }: Job): RunCredentialHelper {
  return async (...call) => {
    const folder = await temporaryFolder(temp, 'tidegate-credential-helper-');
    const children = childContexts({ env, folder, workspace });
    try {
      return await credentialHelper(() => children.create({ login: 'credential-helper' }))(...call);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Connection options from the machine's proxies and certificates. */
export function connectionsOf({ network }: Pick<Job, 'network'>): ConnectionOptions {
  return { proxies: network.proxies, machineCa: network.certificates() };
}
