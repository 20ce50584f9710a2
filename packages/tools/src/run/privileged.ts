import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childContexts } from './child-context.ts';
import { shortCommand } from './short-command.ts';

/** A post step need not know the PATH that the main step had. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Run a program of the system that changes what is root's: `sudo`, `rootlesskit`, `ip`. */
export async function privileged(
  program: string,
  argv: readonly string[],
  timeout: number,
  answers?: number[],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-stop-'));
  try {
    const context = await childContexts({ env: ENVIRONMENT, folder, workspace: folder }).create();
    await shortCommand(program, argv, { context, timeout, answers });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
