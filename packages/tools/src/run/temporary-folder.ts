import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

/** Those of this process. One listener for all: Node warns of more than ten. */
const made = new Set<string>();

/**
 * A new folder in `parent`. The caller removes it when its work ends. If the process ends before (a second Ctrl-C), or
 * work that was abandoned writes into it again, it is removed when the process exits.
 */
export async function temporaryFolder(parent: string, prefix: string): Promise<string> {
  const folder = await mkdtemp(join(parent, prefix));
  if (made.size === 0) process.on('exit', removeAll);
  made.add(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of made) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's file, or one that is written at this moment: the exit code says what happened, not this.
    }
  }
}
