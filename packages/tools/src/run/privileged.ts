import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childContexts } from './child-context.ts';
import { shortCommand } from './short-command.ts';

/** A fixed PATH: a post step may not have the PATH of the main step. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** Run a system program that changes files or settings of root: `sudo`, `rootlesskit`, `ip`. */
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
