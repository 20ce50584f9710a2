import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ProgramEvidence, parseDigest } from '@tidegate/core';
import { type Builder, type Engine, type Services, useEngine } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { type RunNetwork, runningBuildkit, startBuildkit, stopBuildkit } from '@tidegate/tools';
import { dockerAuthConfig, type RegistryLogin, registryLogins } from '../registry/registry-auths.ts';
import { builderVariables } from './builder-variables.ts';
import type { CacheScope } from './cache-scope.ts';

export interface EngineInputs {
  readonly builder: string;
  readonly 'buildkit-state': string;
  readonly rootless: boolean;
  /** Missing for a check of the sources, which runs no step. */
  readonly network?: 'default' | 'none' | 'host';
  readonly 'registry-auths': readonly (readonly string[])[];
}

interface OwnBuildkit {
  readonly address: string;
  readonly program?: ProgramEvidence | undefined;
  readonly runNetwork: RunNetwork;
}

const STATE = 'buildkitd';
const NOTE = 'program.json';
const NETWORKS = ['bridge', 'slirp', 'host'] as const;
/** Stands for the uid of any user but root, who needs rootlesskit or, if allowed, sudo. */
const NOT_ROOT = 1000;

/**
 * The engine, in this order: the builder the user names, a BuildKit that is already reachable, one of our own. Our own
 * is recorded for the post step, which stops it.
 * @param scope the other runs that may share the caches of this one
 * @param others logins for registries that `registry-auths` does not name
 */
export async function engineOf(
  inputs: EngineInputs,
  scope: CacheScope,
  job: Job,
  services: Services,
  others: readonly RegistryLogin[] = [],
): Promise<Builder> {
  const logins = registryLogins(inputs['registry-auths'], job);
  const more = others.filter(({ registry }) => !logins.some((login) => login.registry === registry));
  const own = inputs.builder || job.env.BUILDKIT_HOST ? undefined : await ownBuildkit(inputs, scope, job, services);
  const address = inputs.builder ? undefined : job.env.BUILDKIT_HOST || own?.address;
  const variables = {
    ...(await builderVariables(job, address)),
    ...dockerAuthConfig([...logins, ...more], job.env.DOCKER_AUTH_CONFIG),
  };
  const engine: Engine =
    address === undefined ? { kind: 'builder', name: inputs.builder } : { kind: 'address', address };
  const { repository, runs } = scope;
  // Here buildx keeps the name by which BuildKit finds the context that this machine sent last, and compares files by
  // size and time alone.
  const kept = join(job.toolCache, 'tidegate-buildx', repository, runs);
  const builder = await useEngine(engine, kept, services);
  return {
    ...builder,
    env: { ...variables, ...builder.env },
    ...(own?.program ? { program: own.program } : {}),
    ...(own ? { isHere: true as const, runNetwork: own.runNetwork } : { cacheMounts: `${repository}-${runs}` }),
  };
}

async function ownBuildkit(
  inputs: EngineInputs,
  { repository, runs }: CacheScope,
  job: Job,
  services: Services,
): Promise<OwnBuildkit> {
  const kept = inputs['buildkit-state'];
  const folder = kept ? resolve(job.workspace, kept, repository, runs) : join(job.temp, `tidegate-buildkit-${runs}`);
  // Another image of the same job: the step that started BuildKit stops it, after this one.
  const running = await runningBuildkit(folder);
  if (running !== undefined) return { address: running, ...(await noted(folder)) };
  const tool = await services.tools.get('buildkitd');
  const daemon = await startBuildkit({
    tool,
    folder,
    env: job.env,
    workspace: job.workspace,
    uid: inputs.rootless ? NOT_ROOT : (process.getuid?.() ?? NOT_ROOT),
    sudo: !inputs.rootless,
    network: 'apart',
    asksForHost: inputs.network === 'host',
    log: services.log,
    signal: services.signal,
    onStart: (started) => job.saveState(STATE, JSON.stringify({ ...started, keep: kept !== '' })),
  });
  const program = await tool.program;
  const { address, network: runNetwork } = daemon;
  await writeFile(join(folder, NOTE), JSON.stringify({ ...program, runNetwork }));
  return { address, program, runNetwork };
}

/** The daemon that an earlier step of this job started: evidence names it. */
async function noted(folder: string): Promise<Omit<OwnBuildkit, 'address'>> {
  try {
    const note = JSON.parse(await readFile(join(folder, NOTE), 'utf8')) as Record<string, unknown>;
    const { release, runNetwork } = note;
    const program = { name: 'buildkitd', digest: parseDigest(note.digest) };
    return {
      program: { ...program, ...(typeof release === 'string' ? { release } : {}) },
      runNetwork: NETWORKS.find((network) => network === runNetwork) ?? 'unknown',
    };
  } catch {
    return { runNetwork: 'unknown' };
  }
}

/** The post step: stop the BuildKit that the main step started, however the step ended. */
export async function stopOwnBuildkit(job: Job): Promise<void> {
  const saved = job.state(STATE);
  if (!saved) return;
  const daemon = JSON.parse(saved) as { pid: number; address: string; folder: string; keep: boolean };
  await stopBuildkit({ ...daemon, log: job.log });
}
