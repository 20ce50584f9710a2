import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { digestOf, type ProgramEvidence, parseDigest, parsePlatform, TidegateError } from '@tidegate/core';
import { type Builder, type Engine, type Services, useEngine } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { type BuildkitConfig, type RunNetwork, runningBuildkit, startBuildkit, stopBuildkit } from '@tidegate/tools';
import { type BuilderNodesInputs, builderNodes } from './builder-nodes.ts';
import { builderVariables } from './builder-variables.ts';
import { type BuildLogins, buildxLogins } from './buildx-logins.ts';
import type { CacheScope } from './cache-scope.ts';
import { dockerBuilder } from './docker-builder.ts';
import { privilegesOf } from './entitlements.ts';
import { recordNodes, removeRecordedNodes } from './recorded-nodes.ts';

export interface EngineInputs extends Partial<Omit<BuilderNodesInputs, 'builder'>> {
  readonly builder: string;
  readonly 'buildkit-state': string;
  readonly rootless: boolean;
  /** Missing for a check of the sources, which runs no step. */
  readonly network?: 'default' | 'none' | 'host';
  /** Likewise. */
  readonly allow?: readonly string[];
  readonly 'registry-auths': readonly (readonly string[])[];
  /** Likewise. */
  readonly platforms?: readonly string[];
  /** For `recordNodes`. Empty: downloaded tools. */
  readonly tools: string;
  readonly 'tools-mirror': string;
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
 * The engine, in this order: the nodes or the builder the user names, a BuildKit that is already reachable, docker's own
 * if the command line asks for it, one of our own. Our own is recorded for the post step, which stops it.
 * @param scope the other runs that may share the caches of this one
 * @param more logins for registries that `registry-auths` does not name, and settings for our own
 */
export async function engineOf(
  inputs: EngineInputs,
  scope: CacheScope,
  job: Job,
  services: Services,
  more: BuildLogins & { readonly config?: BuildkitConfig | undefined } = {},
): Promise<Builder> {
  const { repository, runs } = scope;
  const authConfig = await buildxLogins(inputs, more, job, services);
  const cacheMounts = `${repository}-${runs}`;
  const nodes = hasNodes(inputs)
    ? builderNodes(
        inputs,
        (inputs.platforms ?? []).map((one) => parsePlatform(one)),
      )
    : undefined;
  if (nodes) {
    const needsCluster = nodes.nodes.some(({ address }) => address === undefined);
    const environment = await builderVariables(job, needsCluster ? undefined : 'tcp:');
    const onCreate = recordNodes(inputs, job);
    const builder = await useEngine({ ...nodes, environment, onCreate }, '', services);
    return { ...builder, env: { ...builder.env, ...authConfig }, cacheMounts };
  }
  const named = inputs.builder || (job.env.BUILDKIT_HOST ? '' : ((await dockerBuilder(job, services)) ?? ''));
  const own = named || job.env.BUILDKIT_HOST ? undefined : await ownBuildkit(inputs, scope, job, services, more.config);
  const address = named ? undefined : job.env.BUILDKIT_HOST || own?.address;
  const variables = { ...(await builderVariables(job, address)), ...authConfig };
  const engine: Engine = address === undefined ? { kind: 'builder', name: named } : { kind: 'address', address };
  // Here buildx keeps the name by which BuildKit finds the context that this machine sent last, and compares files by
  // size and time alone.
  const kept = join(job.toolCache, 'tidegate-buildx', repository, runs);
  const builder = await useEngine(engine, kept, services);
  return {
    ...builder,
    env: { ...variables, ...builder.env },
    program: own?.program,
    ...(own ? { isHere: true as const, runNetwork: own.runNetwork } : { cacheMounts }),
  };
}

function hasNodes(inputs: EngineInputs): inputs is EngineInputs & BuilderNodesInputs {
  return inputs['builder-endpoints'] !== undefined;
}

async function ownBuildkit(
  inputs: EngineInputs,
  { repository, runs }: CacheScope,
  job: Job,
  services: Services,
  config?: BuildkitConfig,
): Promise<OwnBuildkit> {
  const kept = inputs['buildkit-state'];
  const folder = kept ? resolve(job.workspace, kept, repository, runs) : join(job.temp, `tidegate-buildkit-${runs}`);
  // Another image of the same job: the step that started BuildKit stops it, after this one.
  const running = await runningBuildkit(folder);
  const settings = config && digestOf(Buffer.from(JSON.stringify(config)));
  if (running !== undefined) {
    const { settings: found, ...note } = await noted(folder);
    if (found === settings) return { address: running, ...note };
    throw new TidegateError(
      'buildkit-running',
      'Input buildkitd-config: an earlier step of this job started BuildKit with other settings.',
      { next: 'Set the same buildkitd-config in every step that builds, or build in another job.' },
    );
  }
  const privileges = privilegesOf(inputs.allow ?? []);
  const tool = await services.tools.get('buildkitd');
  const daemon = await startBuildkit({
    tool,
    folder,
    env: job.env,
    workspace: job.workspace,
    uid: inputs.rootless ? NOT_ROOT : (process.getuid?.() ?? NOT_ROOT),
    sudo: !inputs.rootless,
    network: 'apart',
    asksForHost: inputs.network === 'host' || privileges.includes('network.host'),
    privileges: privileges.filter((privilege) => privilege !== 'network.host'),
    config,
    log: services.log,
    signal: services.signal,
    onStart: (started) => job.saveState(STATE, JSON.stringify({ ...started, keep: kept !== '' })),
  });
  const program = await tool.program;
  const { address, network: runNetwork } = daemon;
  await writeFile(join(folder, NOTE), JSON.stringify({ ...program, runNetwork, settings }));
  return { address, program, runNetwork };
}

/** The daemon that an earlier step of this job started: evidence names it. */
async function noted(folder: string): Promise<Omit<OwnBuildkit, 'address'> & { readonly settings?: unknown }> {
  try {
    const note = JSON.parse(await readFile(join(folder, NOTE), 'utf8')) as Record<string, unknown>;
    const { release, runNetwork, settings } = note;
    const program = { name: 'buildkitd', digest: parseDigest(note.digest) };
    return {
      program: { ...program, release: typeof release === 'string' ? release : undefined },
      runNetwork: NETWORKS.find((network) => network === runNetwork) ?? 'unknown',
      settings,
    };
  } catch {
    return { runNetwork: 'unknown' };
  }
}

/** The post step: stop the BuildKit that the main step started, and remove its builders, however the step ended. */
export async function stopOwnBuildkit(job: Job): Promise<void> {
  await removeRecordedNodes(job);
  const saved = job.state(STATE);
  if (!saved) return;
  const daemon = JSON.parse(saved) as { pid: number; address: string; folder: string; keep: boolean };
  await stopBuildkit({ ...daemon, log: job.log });
}
