import { copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../run/folder.ts';

/** Plugin names, as used in the configuration. */
export const NETWORK_PLUGINS = ['bridge', 'host-local', 'firewall', 'loopback'] as const;
/** Install locations of distributions: Debian and Ubuntu, the project itself, Fedora. */
const INSTALLED = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** File name of a plugin in BuildKit's release. */
export const releasedPlugin = (name: string): string => `buildkit-cni-${name}`;

/**
 * Copy the CNI plugins to a separate folder: from the daemon's release, otherwise from this machine. Copies are
 * required because the daemon outlives the folder of its unpacked release.
 * @returns a sentence with the reason if one is missing
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
