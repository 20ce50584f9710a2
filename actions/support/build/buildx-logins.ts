import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReference } from '@tidegate/core';
import { isLoopback } from '@tidegate/oci';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { dockerAuthConfig, type RegistryLogin, registryLogins } from '../registry/registry-auths.ts';
import { type IdentityInputs, registryIdentities } from '../registry/registry-identities.ts';

interface BuilderChoice {
  readonly 'builder-endpoints'?: readonly string[];
  readonly builder: string;
}

export interface BuildLogins {
  /** For base images and caches, beside those of `registry-auths`. */
  readonly logins?: readonly RegistryLogin[];
  /** Those that push the image. They also pull base images, unless BuildKit runs on another machine. */
  readonly pushLogins?: readonly RegistryLogin[];
}

/**
 * Whether another machine runs BuildKit: a node, or a BUILDKIT_HOST beyond this machine. The location of a builder of
 * the user's buildx, and of a container, is not known: they count as being here.
 */
export function isBuiltElsewhere(inputs: BuilderChoice, { BUILDKIT_HOST }: Job['env']): boolean {
  if ((inputs['builder-endpoints'] ?? []).length > 0) return true;
  if (inputs.builder || !BUILDKIT_HOST) return false;
  if (BUILDKIT_HOST.startsWith('kube-pod:')) return true;
  if (!/^(tcp|ssh):/.test(BUILDKIT_HOST)) return false;
  return !URL.canParse(BUILDKIT_HOST) || !isLoopback(new URL(BUILDKIT_HOST).hostname);
}

/**
 * Inputs without the identities that could push the image from another machine. Only a token for ECR is limited to
 * reading base images, by its session policy.
 * @param images the destinations
 */
export function withoutPushIdentities<T extends IdentityInputs>(inputs: T, images: readonly string[]): T {
  const hosts = images.map((image) => parseReference(image).registry);
  const identities = registryIdentities(inputs);
  const lines = inputs['registry-identities'].filter((_, at) => {
    const identity = identities[at];
    return identity !== undefined && (identity.provider === 'ecr' || !hosts.includes(identity.registry));
  });
  return { ...inputs, 'registry-identities': lines };
}

/**
 * Variables with the logins that buildx has. BuildKit can request each of them from buildx, for any host: on another
 * machine, it gets neither those that push the image nor those of the user's configuration.
 */
export async function buildxLogins(
  inputs: BuilderChoice & { readonly 'registry-auths': readonly (readonly string[])[] },
  { logins = [], pushLogins = [] }: BuildLogins,
  job: Job,
  { temp }: Pick<Services, 'temp'>,
): Promise<Readonly<Record<string, string>>> {
  const named = registryLogins(inputs['registry-auths'], job);
  const isElsewhere = isBuiltElsewhere(inputs, job.env);
  const more = isElsewhere ? logins : [...pushLogins, ...logins];
  const others = more.filter(({ registry }) => !named.some((login) => login.registry === registry));
  const all = [...named, ...others];
  if (!isElsewhere) return dockerAuthConfig(all, job.env.DOCKER_AUTH_CONFIG);
  const folder = await mkdtemp(join(temp, 'docker-'));
  // Without any entry, docker's client looks for a password store of the user (docker/cli, LoadDefaultConfigFile).
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { 'none.invalid': {} } }), { mode: 0o600 });
  // Contexts of the user are in the folder that DOCKER_CONFIG replaces.
  return { ...dockerAuthConfig(all, undefined), DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'default' };
}
