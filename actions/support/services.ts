import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { childContexts, createToolbox, downloadTool, hostPlatform, run } from '@tidegate/tools';
import { programPath } from './program-path.ts';
import { stageTimes } from './stage-times.ts';

interface ToolInputs {
  readonly tools: string;
  readonly 'tools-mirror': string;
}

/** Run a stage with the real services, and clean up in any case. */
export async function withServices<T>(
  job: Job,
  inputs: ToolInputs,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const folder = inputs.tools === '' ? undefined : await programPath('tools', inputs.tools, job);
  const temp = await mkdtemp(join(job.temp, 'tidegate-run-'));
  const { clock, signal } = job;
  const times = stageTimes(job.log, job.progress, () => performance.now());
  const { log, progress } = times;
  const tools = createToolbox({
    folder: folder || undefined,
    ...(inputs['tools-mirror'] ? { mirror: inputs['tools-mirror'] } : {}),
    platform: hostPlatform(process.platform, process.arch),
    toolCache: job.toolCache,
    download: (url, to, options) => {
      job.network.alignActionsClient(url);
      return downloadTool(url, to, options);
    },
    temp,
    log,
    progress,
    signal,
  });
  try {
    const children = childContexts({ env: job.env, folder: join(temp, 'children'), workspace: job.workspace });
    return await work({ tools, run, log, progress, clock, signal, temp, children });
  } finally {
    await tools.dispose();
    await rm(temp, { recursive: true, force: true });
    const table = times.table();
    if (table !== '') job.log.info(table);
  }
}

/** For stages that run no tool. */
export const NO_TOOLS: ToolInputs = { tools: '', 'tools-mirror': '' };
