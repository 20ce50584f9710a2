import { parseReference, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { hasDockerLogin } from '../registry/registry.ts';
import { type RegistryLogin, registryLogins } from '../registry/registry-auths.ts';
import type { CacheChoiceInputs } from './cache-choice.ts';

interface CacheLoginInputs extends Pick<CacheChoiceInputs, 'cache' | 'cache-image'> {
  readonly token: string;
  readonly 'registry-auths': readonly (readonly string[])[];
}

/** GitHub's own registry, the only host that receives the workflow's token. */
const GITHUB_REGISTRY = 'ghcr.io';

/**
 * The login for `cache: registry` that no input names: the job's token, for ghcr.io. docker's own login goes before it.
 * Another machine that builds gets neither: both may push the image.
 * @param build `logins` that the build has anyway; `isPublished` if it writes the cache; `isElsewhere` on another machine
 * @throws TidegateError `bad-input` before a build that could not write its cache: it would fail at its end
 */
export async function cacheLogin(
  inputs: CacheLoginInputs,
  build: {
    readonly isPublished: boolean;
    readonly isElsewhere: boolean;
    readonly logins: readonly Pick<RegistryLogin, 'registry'>[];
  },
  job: Job,
): Promise<readonly RegistryLogin[]> {
  const image = inputs['cache-image'];
  // The choice of the cache rejects the missing repository.
  if (inputs.cache !== 'registry' || image === '') return [];
  const { registry } = parseReference(image);
  const given = [...registryLogins(inputs['registry-auths'], job), ...build.logins];
  if (given.some((login) => login.registry === registry)) return [];
  if (!build.isElsewhere && (await hasDockerLogin(registry, job))) return [];
  if (!build.isElsewhere && registry === GITHUB_REGISTRY && inputs.token !== '') {
    return [{ registry, username: job.env.GITHUB_ACTOR || 'x-access-token', password: inputs.token }];
  }
  // A registry on this machine is the one that is used without a login.
  if (!build.isPublished || /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(registry)) return [];
  throw new TidegateError(
    'cache-unavailable',
    `Input cache: registry is written to ${registry}, for which this job has no login.`,
    { next: `Add a login for ${registry} to registry-auths, or use cache: gha.` },
  );
}
