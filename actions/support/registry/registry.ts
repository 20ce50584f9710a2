import { mkdtemp, rm } from 'node:fs/promises';
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
import { childContexts, credentialHelper } from '@tidegate/tools';

export interface RegistryInputs {
  readonly 'registry-username': string;
  readonly 'registry-password': string;
  readonly token: string;
  readonly 'insecure-registries': readonly string[];
}

/** GitHub's own registry, the only host that receives the workflow's token. */
const GITHUB_REGISTRY = 'ghcr.io';

/**
 * The repository an image is published to, with credentials in this order: inputs, docker's configuration, GITHUB_TOKEN
 * for ghcr.io.
 */
export function registryOf(reference: Reference, inputs: RegistryInputs, job: Job): Registry {
  const { 'registry-username': username, 'registry-password': password } = inputs;
  if (Boolean(username) !== Boolean(password)) {
    const [missing, given] = username
      ? ['registry-password', 'registry-username']
      : ['registry-username', 'registry-password'];
    throw badInput('input-conflict', missing, '', `a value, because ${given} is set`, 'Set both, or neither.');
  }
  const sources: CredentialSource[] = [];
  if (username) sources.push(staticCredentials(reference.registry, username, password));
  const { DOCKER_CONFIG, HOME } = job.env;
  const configDir = DOCKER_CONFIG || (HOME && join(HOME, '.docker'));
  if (configDir) sources.push(dockerCredentials({ configDir, helperRun: helperOf(job) }));
  if (inputs.token)
    sources.push(staticCredentials(GITHUB_REGISTRY, job.env.GITHUB_ACTOR || 'x-access-token', inputs.token));
  return new Registry(reference, {
    credentials: firstOf(...sources),
    insecure: inputs['insecure-registries'],
    ...connectionsOf(job),
    onSecret: (secret) => job.log.mask(secret),
    onRetry: ({ failure, wait }) => job.log.info(`${failure.message} Retrying in ${Math.ceil(wait / 1000)} s.`),
  });
}

function helperOf({ env, temp, workspace }: Job): RunCredentialHelper {
  return async (...call) => {
    const folder = await mkdtemp(join(temp, 'tidegate-credential-helper-'));
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
