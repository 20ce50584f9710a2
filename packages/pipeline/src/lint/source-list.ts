import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isDockerfile, isPassedBy, listFiles, sourcesAmong } from '@tidegate/source';
import { createGit } from '@tidegate/tools';
import type { Services } from '../services.ts';
import type { LintOptions } from './options.ts';

/** The files that are checked, relative to the root; outside the root, absolute. */
export interface SourceList {
  readonly dockerfiles: readonly string[];
  /** Scripts, workflows and manifests. */
  readonly others: readonly string[];
  /** Files that the user names. */
  readonly named: ReadonlySet<string>;
  /** All files that are known, and the Dockerfiles among them. They say things about the files that are checked. */
  readonly files: readonly string[];
  readonly declaring: readonly string[];
}

type Options = Pick<LintOptions, 'root' | 'committed' | 'paths' | 'settings'>;

/** The files of the commit or the repository, or those at the given paths. */
export async function sourceList(options: Options, services: Services): Promise<SourceList> {
  const { root, committed, paths, settings } = options;
  const known = committed?.files.filter((file) => !isPassedBy(file)) ?? (await trackedFiles(root, services));
  if (paths === undefined) {
    const files = known ?? (await listFiles(root));
    const { dockerfiles, commands } = sourcesAmong(files, settings.exclude);
    return { dockerfiles, others: commands, named: new Set(), files, declaring: dockerfiles };
  }
  const named = new Set<string>();
  const below = new Set<string>();
  for (const path of paths) {
    if ((await stat(path)).isFile()) named.add(nameOf(root, path));
    else for (const file of await filesBelow(path, known ?? [], options, services)) below.add(file);
  }
  const among = sourcesAmong([...below].sort(), settings.exclude);
  const files = [...new Set([...(known ?? []), ...below, ...named])];
  return {
    dockerfiles: [...new Set([...among.dockerfiles, ...[...named].filter(isDockerfile)])],
    others: [...new Set([...among.commands, ...[...named].filter((file) => !isDockerfile(file))])],
    named,
    files,
    declaring: sourcesAmong(files, settings.exclude).dockerfiles,
  };
}

/** The known files in a folder. Without one, the folder is outside the repository, or new. */
async function filesBelow(
  folder: string,
  known: readonly string[],
  { root, committed }: Options,
  services: Services,
): Promise<readonly string[]> {
  const name = nameOf(root, folder);
  const inside = name === '' ? known : known.filter((file) => file.startsWith(`${name}/`));
  if (inside.length > 0 || committed) return inside;
  const found = (await trackedFiles(folder, services)) ?? (await listFiles(folder));
  return found.map((file) => nameOf(root, join(folder, file)));
}

/** Files that git tracks in a folder; undefined without git, and if it tracks none. */
async function trackedFiles(folder: string, services: Services): Promise<readonly string[] | undefined> {
  try {
    const git = createGit(services.run, services.children);
    const { stdout } = await git('ls-files', ['-z', '--cached'], {
      folder,
      timeout: 60_000,
      signal: services.signal,
    });
    const files = [...new Set(stdout.split('\0'))].filter((file) => file !== '' && !isPassedBy(file));
    return files.length > 0 ? files.sort() : undefined;
  } catch (error) {
    if (services.signal.aborted) throw error;
    services.log.debug('git cannot list the files here: searching the folder instead.');
    return undefined;
  }
}

/** Path relative to the root, with `/`; outside the root, the full path. */
export function nameOf(root: string, path: string): string {
  const name = relative(root, path);
  return /^\.\.(?:$|[/\\])/.test(name) || isAbsolute(name) ? path : name.split(sep).join('/');
}
