import { copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../run/folder.ts';

/** By the names that the configuration gives them. */
export const NETWORK_PLUGINS = ['bridge', 'host-local', 'firewall', 'loopback'] as const;
/** Where distributions install them: Debian and Ubuntu, the project itself, Fedora. */
const INSTALLED = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** The file of a plugin in BuildKit's release. */
export const releasedPlugin = (name: string): string => `buildkit-cni-${name}`;

/**
 * Copies of the CNI plugins beside the daemon, else of those that this machine has, in a folder of their own. Copies: the
 * daemon outlives the folder that its release was unpacked into.
 * @returns a sentence where one is missing
 */
export async function copyPlugins(
  beside: string,
  folder: string,
  installed: readonly string[] = INSTALLED,
): Promise<string | undefined> {
  const sources = [
    NETWORK_PLUGINS.map((name) => join(beside, releasedPlugin(name))),
    ...installed.map((place) => NETWORK_PLUGINS.map((name) => join(place, name))),
  ];
  for (const files of sources) {
    if (!(await areFiles(files))) continue;
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder, 0o700);
    for (const [index, name] of NETWORK_PLUGINS.entries()) await copyFile(files[index] ?? '', join(folder, name));
    return undefined;
  }
  const named = NETWORK_PLUGINS.map(releasedPlugin).join(', ');
  return `no CNI plugins were found, neither ${named} next to buildkitd nor ${NETWORK_PLUGINS.join(', ')} in ${installed.join(', ')}`;
}

async function areFiles(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  return true;
}
