import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Builder, type Services, useEngine } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { startBuildkit, stopBuildkit } from '@tidegate/tools';

interface EngineInputs {
  readonly builder: string;
  readonly 'buildkit-state': string;
  readonly rootless: boolean;
}

const STATE = 'buildkitd';

/**
 * The engine, in this order: the builder the user names, a BuildKit that is reachable already, one of our own.
 * Our own is remembered for the post step, which stops it.
 */
export async function engineOf(inputs: EngineInputs, job: Job, services: Services): Promise<Builder> {
  if (inputs.builder) return useEngine({ kind: 'builder', name: inputs.builder }, services);
  const address = job.env.BUILDKIT_HOST || (await ownBuildkit(inputs, job, services));
  return useEngine({ kind: 'address', address }, services);
}

async function ownBuildkit(inputs: EngineInputs, job: Job, services: Services): Promise<string> {
  const folder = join(job.temp, 'tidegate', '.buildkit');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const daemon = await startBuildkit({
    tool: await services.tools.get('buildkitd'),
    folder,
    ...(inputs['buildkit-state'] ? { root: resolve(job.workspace, inputs['buildkit-state']) } : {}),
    env: services.childEnv,
    rootless: inputs.rootless,
    log: services.log,
    signal: services.signal,
  });
  job.saveState(STATE, JSON.stringify({ pid: daemon.pid, folder }));
  return daemon.address;
}

/** The post step: stop what the main step started, however it ended. */
export async function stopOwnBuildkit(job: Job): Promise<void> {
  const saved = job.state(STATE);
  if (!saved) return;
  const { pid, folder } = JSON.parse(saved) as { pid: number; folder: string };
  await stopBuildkit({ pid, folder });
  job.log.info('BuildKit has been stopped.');
}
