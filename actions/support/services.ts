import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import {
  assertResolves,
  buildxOfRunner,
  childContexts,
  createToolbox,
  downloadTool,
  hostPlatform,
  run,
  type ToolboxOptions,
  temporaryFolder,
} from '@tidegate/tools';
import { programPath } from './program-path.ts';
import { stageTimes } from './stage-times.ts';

interface ToolInputs {
  readonly tools: string;
  readonly 'tools-mirror': string;
  /** The policy's `tools`: `pinned` leaves out the runner's own buildx. Default `any`. */
  readonly allowed?: 'pinned' | 'any' | undefined;
}

/** Run a stage with the real services, and clean up in any case. */
export async function withServices<T>(
  job: Job,
  inputs: ToolInputs,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const folder = inputs.tools === '' ? undefined : await programPath('tools', inputs.tools, job);
  const temp = await temporaryFolder(job.temp, 'tidegate-run-');
  const { clock, signal } = job;
  const times = stageTimes(job.log, job.progress, () => performance.now());
  const { log, progress } = times;
  const children = childContexts({ env: job.env, folder: join(temp, 'children'), workspace: job.workspace });
  const ofRunner: ToolboxOptions['ofRunner'] = async (name) =>
    name === 'buildx' && inputs.allowed !== 'pinned' ? buildxOfRunner({ run, children, log, signal }) : undefined;
  const tools = createToolbox({
    ofRunner,
    folder: folder || undefined,
    mirror: inputs['tools-mirror'] || undefined,
    platform: hostPlatform(process.platform, process.arch),
    toolCache: job.toolCache,
    download: async (url, to, options) => {
      job.network.alignActionsClient(url);
      // Names may fail for a moment on a runner. At a terminal somebody waits, and can run the command again.
      const isDirect = job.network.proxies.proxyFor(new URL(url)) === undefined;
      if (isDirect && job.env.GITHUB_ACTIONS !== 'true') await assertResolves(url);
      return downloadTool(url, to, options);
    },
    temp,
    log,
    progress,
    signal,
  });
  try {
    return await work({ tools, run, log, progress, clock, signal, temp, children });
  } finally {
    await tools.dispose();
    await rm(temp, { recursive: true, force: true });
    const table = times.table();
    if (table !== '') {
      job.log.info(table);
      job.summariseBelow(times.markdown());
    }
  }
}

/** For stages that run no tool. */
export const NO_TOOLS: ToolInputs = { tools: '', 'tools-mirror': '' };
