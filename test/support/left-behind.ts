import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from './job.ts';

/** The runner's own paths, new for each step; the user's home, where buildx keeps builders; homes of images. */
const NOTHING = /^(_runner_.*|home(\/.*)?|tidegate(\/[a-z]+(\/(sbom|scan))?)?)$/;

/**
 * Every path below RUNNER_TEMP and in the workspace, except the runner's own and empty folders: a failed step adds
 * none.
 */
export async function everythingIn(job: Job): Promise<readonly string[]> {
  const [temp, workspace] = await Promise.all([
    readdir(job.temp, { recursive: true }),
    readdir(job.workspace, { recursive: true }),
  ]);
  return [
    ...temp.filter((path) => !NOTHING.test(path)).map((path) => join('RUNNER_TEMP', path)),
    ...workspace.filter((path) => !path.startsWith('.git/')).map((path) => join('workspace', path)),
  ].toSorted();
}
