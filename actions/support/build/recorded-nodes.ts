import { rm } from 'node:fs/promises';
import { type CreatedNodes, removePods } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { withServices } from '../services.ts';
import { builderVariables } from './builder-variables.ts';

interface ToolInputs {
  readonly tools: string;
  readonly 'tools-mirror': string;
}
interface Recorded extends ToolInputs, CreatedNodes {}

const STATE = 'builder-nodes';

/** Record the builders of a build for the post step: a step that is killed removes neither pods nor keys. */
export function recordNodes({ tools, 'tools-mirror': mirror }: ToolInputs, job: Job): (created: CreatedNodes) => void {
  return (created) => job.saveState(STATE, JSON.stringify({ ...created, tools, 'tools-mirror': mirror }));
}

export async function removeRecordedNodes(job: Job): Promise<void> {
  const saved = job.state(STATE);
  if (!saved) return;
  const { folder, pods, ...inputs } = JSON.parse(saved) as Recorded;
  try {
    if (pods.length > 0) {
      const env = { ...(await builderVariables(job, undefined)), BUILDX_CONFIG: folder };
      await withServices(job, inputs, (services) => removePods(pods, env, services));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
