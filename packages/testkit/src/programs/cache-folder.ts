import { homedir } from 'node:os';
import { join } from 'node:path';

/** What development and tests keep between runs: tools that were built or installed. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidegate');
}
