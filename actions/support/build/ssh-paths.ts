import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { unreadablePath } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/**
 * buildx would report a missing socket or key only after BuildKit has started. `ID=PATH,PATH`; an ID alone is the agent
 * of SSH_AUTH_SOCK, and `raw=true` an option.
 * @throws TidegateError `input-path-unusable`
 */
export async function assertSshPaths(entries: readonly string[], { workspace }: Pick<Job, 'workspace'>): Promise<void> {
  const paths = entries.flatMap((entry) => entry.split('=').slice(1).join('=').split(','));
  for (const path of paths.filter((one) => one !== '' && !one.includes('='))) {
    const file = resolve(workspace, path);
    try {
      await access(file, constants.R_OK);
      if ((await stat(file)).isDirectory()) throw new Error('it is a folder');
    } catch (error) {
      throw unreadablePath('Input ssh', path, 'the socket of an SSH agent, or a private key', error, file);
    }
  }
}
