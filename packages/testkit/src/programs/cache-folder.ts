import { homedir } from 'node:os';
import { join } from 'node:path';

/** Cache of development and tests between runs: built or installed tools. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidegate');
}
