import { copyFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TidegateError } from '@tidegate/core';
import { makeFolder } from '../run/folder.ts';
import { isExecutable, which } from '../run/which.ts';
import type { Tool } from '../toolbox/tool.ts';

/**
 * The runc for the daemon: the release contains one next to the daemon; a runc of the machine works as well.
 * @param folder the daemon's. runc is copied to it: the folder of the release is removed with the step, and the daemon
 * stays for the next one
 */
export async function runtimeFor(tool: Tool, folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const beside = join(dirname(tool.path), 'buildkit-runc');
  if (await isExecutable(beside)) {
    const copy = join(folder, 'programs', 'buildkit-runc');
    await makeFolder(dirname(copy), 0o700);
    await rm(copy, { force: true });
    await copyFile(beside, copy);
    return copy;
  }
  const found = (await which('buildkit-runc', env)) ?? (await which('runc', env));
  if (found) return found;
  throw new TidegateError('buildkit-requirements', 'BuildKit needs runc, which is neither next to it nor in PATH.', {
    next: 'Install it (Debian and Ubuntu: apt-get install runc), or let Tidegate download its pinned BuildKit.',
  });
}
