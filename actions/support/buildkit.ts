import { join, resolve } from 'node:path';
import { type Builder, type Services, useEngine } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { runningBuildkit, startBuildkit, stopBuildkit } from '@tidegate/tools';

interface EngineInputs {
  readonly builder: string;
  readonly 'buildkit-state': string;
  readonly rootless: boolean;
}

const STATE = 'buildkitd';
/** Anybody but root: rootlesskit is used, or sudo where it may be. */
const NOT_ROOT = 1000;

/**
 * The engine, in this order: the builder the user names, a BuildKit that is reachable already, one of our own.
 * Our own is remembered for the post step, which stops it.
 */
export async function engineOf(inputs: EngineInputs, job: Job, services: Services): Promise<Builder> {
  if (inputs.builder) return useEngine({ kind: 'builder', name: inputs.builder }, job.toolCache, services);
  const address = job.env.BUILDKIT_HOST || (await ownBuildkit(inputs, job, services));
  return useEngine({ kind: 'address', address }, job.toolCache, services);
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
