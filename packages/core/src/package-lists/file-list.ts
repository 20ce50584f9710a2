import { folderOf, layerPath, nameOf } from '../contents/layer-path.ts';
import { readApkInstalled } from './apk.ts';
import { readDpkgFiles } from './dpkg.ts';
import { condaFiles, readRecord } from './languages.ts';
import { readPacmanFiles } from './pacman.ts';
import { readPearFiles } from './pear.ts';
import { listAt } from './place.ts';
import { readPortageFiles } from './portage.ts';
import { readRpmPackages } from './rpm.ts';

/** A file list of one package, or of all packages of a system. */
export interface FileList {
  readonly path: string;
  readonly layer: number;
  readonly content: Buffer;
}

/** The file list of one package in one layer. */
export interface Claim {
  /** The scope and key of its list; for a language package, the path of its file list. */
  readonly scope: string;
  readonly name: string;
  /** Of the system that it is installed in. */
  readonly root: string;
  readonly layer: number;
  /** Absolute and clean. */
  readonly files: readonly string[];
}

const DPKG_FOLDER = /^(?:var|usr)\/lib\/[do]pkg\/(?:info|status\.d)$/;

/** The package of a file list of dpkg. Undefined for any other file. */
export function dpkgOwner(path: string): Pick<Claim, 'scope' | 'name' | 'root'> | undefined {
  const ending = ['.list', '.md5sums'].find((one) => path.endsWith(one));
  if (ending === undefined) return undefined;
  const names = path.split('/');
  const owner = names.at(-1)?.slice(0, -ending.length) ?? '';
  if (names.length < 6 || owner === '' || !DPKG_FOLDER.test(names.slice(-5, -1).join('/'))) return undefined;
  const root = names.slice(0, -5).join('/');
  return { scope: `dpkg ${root}`, name: owner.split(':', 1)[0] ?? '', root };
}

export function isFileList(path: string): boolean {
  const name = nameOf(path);
  switch (name) {
    case 'installed':
    case 'Packages':
    case 'Packages.db':
    case 'rpmdb.sqlite':
      return listAt(path) !== undefined;
    case 'CONTENTS':
      return listAt(path) !== undefined;
    case 'files':
      return /\/var\/lib\/pacman\/local\/[^/]+\/files$/.test(path);
    case 'RECORD':
    case 'top_level.txt':
    case 'installed-files.txt':
      return /\.(?:dist|egg)-info$/i.test(folderOf(path));
    case 'installed.json':
      return nameOf(folderOf(path)) === 'composer';
  }
  if (name.endsWith('.reg')) return listAt(path) !== undefined;
  if (name.endsWith('.json')) return nameOf(folderOf(path)) === 'conda-meta';
  return (name.endsWith('.list') || name.endsWith('.md5sums')) && dpkgOwner(path) !== undefined;
}

/** Possible paths of a package's file lists: named `curl`, or `libc6:amd64` with several architectures. */
export function dpkgLists(root: string, names: readonly string[]): readonly string[] {
  const folders = ['var/lib/dpkg', 'usr/lib/dpkg', 'var/lib/opkg', 'usr/lib/opkg'].flatMap((folder) => [
    `${root}/${folder}/info`,
    `${root}/${folder}/status.d`,
  ]);
  return folders.flatMap((folder) => names.flatMap((name) => [`${folder}/${name}.list`, `${folder}/${name}.md5sums`]));
}

/** The file list of each package in the list of a whole system. */
export function systemClaims({ path: _, layer, content }: FileList, kind: 'apk' | 'rpm', root: string) {
  const scope = `${kind} ${root}`;
  const packages = kind === 'apk' ? readApkInstalled(content) : readRpmPackages(content);
  return packages.map(({ key, identity, name, files }) => {
    const claim: Claim = {
      scope,
      name,
      root,
      layer,
      files: under(root, typeof files === 'function' ? files() : files),
    };
    return { key, identity, claim };
  });
}

/** The files in the list of one package. Empty for other metadata. */
export function claimsIn({ path, layer, content }: FileList): readonly Claim[] {
  const name = nameOf(path);
  const folder = folderOf(path);
  const one = (scope: string, of: string, files: readonly string[], root = ''): readonly Claim[] => [
    { scope, name: of, root, layer, files },
  ];
  const dpkg = dpkgOwner(path);
  if (dpkg) return one(dpkg.scope, dpkg.name, under(dpkg.root, readDpkgFiles(path, content)), dpkg.root);
  if (name === 'files') {
    const root = /^(.*)\/var\/lib\/pacman\//.exec(path)?.[1] ?? '';
    return one(`${folder}/desc`, `${folder}/desc`, under(root, readPacmanFiles(content)));
  }
  if (name.endsWith('.reg')) return one(path, path, under('', readPearFiles(content)));
  if (name === 'CONTENTS') return one(path, path, under(listAt(path)?.root ?? '', readPortageFiles(content)));
  if (nameOf(folder) === 'conda-meta') return one(path, path, under(folderOf(folder), condaFiles(content)));
  if (name !== 'RECORD' && name !== 'installed-files.txt') return [];
  // RECORD is relative to the folder of the wheels, the older list to its own folder.
  const from = name === 'RECORD' ? folderOf(folder) : folder;
  const files = readRecord(content).map((file) => layerPath(file.startsWith('/') ? file : `${from}/${file}`));
  const metadata = `${folder}/${/dist-info$/i.test(folder) ? 'METADATA' : 'PKG-INFO'}`;
  return one(metadata, metadata, files);
}

function under(folder: string, files: readonly string[]): readonly string[] {
  return files.map((file) => layerPath(`${folder}/${file}`));
}
