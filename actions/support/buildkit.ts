import { join, resolve } from 'node:path';
import { type Builder, type Engine, type Services, useEngine } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { runningBuildkit, startBuildkit, stopBuildkit } from '@tidegate/tools';
import { builderVariables } from './builder-variables.ts';
import { dockerAuthConfig, type RegistryLogin, registryLogins } from './registry-auths.ts';

export interface EngineInputs {
  readonly builder: string;
  readonly 'buildkit-state': string;
  readonly rootless: boolean;
  readonly 'registry-auths': readonly (readonly string[])[];
}

const STATE = 'buildkitd';
/** Anybody but root: rootlesskit is used, or sudo where it may be. */
const NOT_ROOT = 1000;

/**
 * The engine, in this order: the builder the user names, a BuildKit that is reachable already, one of our own.
 * Our own is remembered for the post step, which stops it.
 * @param others logins for registries that `registry-auths` does not name
 */
export async function engineOf(
  inputs: EngineInputs,
  job: Job,
  services: Services,
  others: readonly RegistryLogin[] = [],
): Promise<Builder> {
  const logins = registryLogins(inputs['registry-auths'], job);
  const more = others.filter(({ registry }) => !logins.some((login) => login.registry === registry));
  const address = inputs.builder ? undefined : job.env.BUILDKIT_HOST || (await ownBuildkit(inputs, job, services));
  const variables = {
    ...(await builderVariables(job, address)),
    ...dockerAuthConfig([...logins, ...more], job.env.DOCKER_AUTH_CONFIG),
  };
  const engine: Engine =
    address === undefined ? { kind: 'builder', name: inputs.builder } : { kind: 'address', address };
  const builder = await useEngine(engine, job.toolCache, services);
  return { ...builder, env: { ...variables, ...builder.env } };
}

async function ownBuildkit(inputs: EngineInputs, job: Job, services: Services): Promise<string> {
  const kept = inputs['buildkit-state'];
  const folder = kept ? resolve(job.workspace, kept) : join(job.temp, 'tidegate-buildkit');
  // Another image of the same job: the step that started it stops it, after this one.
  const running = await runningBuildkit(folder);
  if (running !== undefined) return running;
  const daemon = await startBuildkit({
    tool: await services.tools.get('buildkitd'),
    folder,
    env: job.env,
    workspace: job.workspace,
    uid: inputs.rootless ? NOT_ROOT : (process.getuid?.() ?? NOT_ROOT),
    sudo: !inputs.rootless,
    log: services.log,
    signal: services.signal,
    onStart: (started) => job.saveState(STATE, JSON.stringify({ ...started, keep: kept !== '' })),
  });
  return daemon.address;
}

/** The post step: stop what the main step started, however it ended. */
export async function stopOwnBuildkit(job: Job): Promise<void> {
  const saved = job.state(STATE);
  if (!saved) return;
  const daemon = JSON.parse(saved) as { pid: number; address: string; folder: string; keep: boolean };
  await stopBuildkit({ ...daemon, log: job.log });
}
