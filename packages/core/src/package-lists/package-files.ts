import { folderOf, isUnder, layerPath, nameOf } from '../contents/layer-path.ts';
import { type FileTree, pathsOf, type Seen } from './file-tree.ts';
import { gemFiles } from './gems.ts';
import { composerFolders } from './languages.ts';
import type { ListKind, Located } from './listed.ts';
import { bringsOsRelease } from './os-release.ts';
import { ownFolderFiles } from './own-folder.ts';
import type { OwnedFiles } from './owned-files.ts';

/** The files of a package that a container sees. Undefined if its files are unknown. */
export function filesOf(one: Located, owned: OwnedFiles, tree: FileTree): readonly Seen[] | undefined {
  switch (one.place.kind) {
    case 'npm':
      // A nested package is separate.
      return [...tree.below(folderOf(one.path), 'node_modules')].filter(([path]) => path !== one.path);
    case 'gem':
      return gemFiles(one, tree);
    case 'r':
    case 'jvm':
    case 'homebrew':
    case 'bitnami':
    case 'bitnami-spdx':
      return ownFolderFiles(one, tree);
    case 'composer':
      return composerFiles(one, owned, tree);
    case 'python':
      return claimedFiles(one, owned, tree) ?? moduleFiles(one, owned, tree);
    default:
      return claimedFiles(one, owned, tree);
  }
}

/** The files in any of its file lists, without its metadata, which were removed. */
function claimedFiles(one: Located, owned: OwnedFiles, tree: FileTree): readonly Seen[] | undefined {
  const claims = owned.of(one);
  if (claims.length === 0) return undefined;
  const folder = metadataOf(one.path);
  const found = new Map<string, number>();
  for (const path of new Set(claims.flatMap(({ files }) => files))) {
    const isMetadata = path === one.path || isUnder(path, folder) || nameOf(path) === 'os-release';
    if (isMetadata && (nameOf(path) !== 'os-release' || bringsOsRelease(one.listed.name))) continue;
    for (const each of pathsOf(path, one.place.root)) {
      const layer = tree.layerOf(each);
      if (layer !== undefined) found.set(each, layer);
    }
  }
  return [...found];
}

/** `…/requests-2.31.0.dist-info`: a wheel's own folder. For others, a path that nothing is below. */
function metadataOf(path: string): string {
  const folder = folderOf(path);
  return /\.(?:dist|egg)-info$/i.test(folder) ? folder : path;
}

/** Without a RECORD: an egg's folder, or the modules that `top_level.txt` names, or those with the package's name. */
function moduleFiles(one: Located, owned: OwnedFiles, tree: FileTree): readonly Seen[] | undefined {
  const { place, path, listed } = one;
  if (place.root.endsWith('.egg')) return withoutBytecode(tree.below(place.root, 'EGG-INFO'));
  const [named] = owned.contents(`${metadataOf(path)}/top_level.txt`);
  const modules = named?.toString('utf8').split(/\r?\n/).filter(Boolean) ?? [
    listed.name,
    listed.name.toLowerCase(),
    listed.name.replaceAll(/[-.]/g, '_').toLowerCase(),
  ];
  const found = modules.flatMap((module): readonly Seen[] => {
    const at = layerPath(`${place.root}/${module}`);
    const file = tree.layerOf(`${at}.py`);
    return [...(file === undefined ? [] : [[`${at}.py`, file] as const]), ...withoutBytecode(tree.below(at))];
  });
  return named || found.length > 0 ? found : undefined;
}

/** Interpreters write bytecode and do not remove it. */
function withoutBytecode(files: Iterable<Seen>): readonly Seen[] {
  return [...files].filter(([path]) => !path.endsWith('.pyc'));
}

function composerFiles({ path, listed }: Located, owned: OwnedFiles, tree: FileTree): readonly Seen[] | undefined {
  const [folder] = owned.contents(path).flatMap((content) => composerFolders(content).get(listed.name) ?? []);
  return folder === undefined ? undefined : [...tree.below(layerPath(`${folderOf(path)}/${folder}`))];
}

const IGNORED = [
  '/etc',
  '/var',
  '/run',
  '/tmp',
  '/dev',
  '/usr/share/doc',
  '/usr/share/man',
  '/usr/share/locale',
].concat(['/usr/share/info', '/usr/share/lintian', '/usr/share/licenses', '/usr/lib/.build-id']);

const SYSTEMS: readonly ListKind[] = ['dpkg', 'apk', 'rpm', 'pacman', 'portage'];

/** Whether a file counts as evidence: documentation and configuration may remain or be removed for good reasons. */
export function matters({ place: { kind, root } }: Pick<Located, 'place'>, [path]: Seen): boolean {
  if (!SYSTEMS.includes(kind)) return true;
  return !IGNORED.some((folder) => isUnder(path, root + folder));
}
