import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@tidegate/runner';

/** Variables by which docker's client finds an engine (docker/cli, "Environment variables"). */
const DOCKER = /^DOCKER_(HOST|CONTEXT|TLS|TLS_VERIFY|CERT_PATH|API_VERSION)$/;
/** Variables by which a Kubernetes client finds its cluster, from outside and from inside one. */
const KUBERNETES = /^(KUBECONFIG|KUBERNETES_SERVICE_[A-Z_]+)$/;
/** Variables with the credentials of credential helpers and of the login plugins of Kubernetes clients. */
const CLOUDS = /^(AWS|GOOGLE|AZURE)_/;

type Variables = Readonly<Record<string, string>>;

/**
 * Variables of the job that buildx needs for this builder, and that no other program gets: to find the engine of a
 * builder that the user names or of an address that leads through one, and to run the credential helpers that docker's
 * configuration names.
 * @param address BUILDKIT_HOST; undefined for a named builder
 */
export async function builderVariables(job: Job, address: string | undefined): Promise<Variables> {
  const isSocket = address !== undefined && /^(unix|tcp):/.test(address);
  const wanted = [...(isSocket ? [] : [DOCKER, KUBERNETES, CLOUDS]), ...((await namesHelpers(job)) ? [CLOUDS] : [])];
  return Object.fromEntries(Object.entries(job.env).filter(([name]) => wanted.some((names) => names.test(name))));
}

/** Whether docker's configuration names a credential helper. Errors in the file are left to buildx to report. */
async function namesHelpers(job: Job): Promise<boolean> {
  const { DOCKER_CONFIG, HOME } = job.env;
  const folder = DOCKER_CONFIG || (HOME && join(HOME, '.docker'));
  if (!folder) return false;
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    const { credsStore, credHelpers } = Object(config) as { credsStore?: unknown; credHelpers?: unknown };
    return Boolean(credsStore) || Object.keys(Object(credHelpers)).length > 0;
  } catch {
    return false;
  }
}
