import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitCommand } from '@tidegate/tools';

/** Output of git in a folder; undefined if it fails. */
type Ask = (folder: string, command: GitCommand, ...argv: string[]) => Promise<string | undefined>;

const STATUS = ['--porcelain', '-z', '--no-renames', '--untracked-files=normal'];

/**
 * Paths that differ from the commit, without those that git ignores. Submodules are read one by one, because each has
 * its own configuration. A submodule that cannot be read has changed.
 */
export async function changedPaths(ask: Ask, top: string): Promise<readonly string[] | undefined> {
  const [status, index] = await Promise.all([ask(top, 'status', ...STATUS), ask(top, 'ls-files', '--stage', '-z')]);
  if (status === undefined || index === undefined) return undefined;
  const changed = new Set(status.split('\0').flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : [])));
  for (const entry of index.split('\0')) {
    const path = /^160000 [^\t]*\t(.+)$/s.exec(entry)?.[1];
    if (path === undefined || changed.has(path) || !(await exists(join(top, path, '.git')))) continue;
    const folder = await realpath(join(top, path));
    // Without a repository in its folder, git would read that of the superproject again.
    const isOwn = (await ask(folder, 'rev-parse', '--show-toplevel')) === `${folder}\n`;
    const inside = isOwn ? await changedPaths(ask, folder) : undefined;
    if (inside?.length !== 0) changed.add(path);
  }
  return [...changed];
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
