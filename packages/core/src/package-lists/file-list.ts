import { folderOf, layerPath, nameOf } from '../contents/layer-path.ts';
import { readApkInstalled } from './apk.ts';
import { readDpkgFiles } from './dpkg.ts';
import { condaFiles, readRecord } from './languages.ts';
import { readPacmanFiles } from './pacman.ts';
import { readPearFiles } from './pear.ts';
import { listAt } from './place.ts';
import { readPortageFiles } from './portage.ts';
import { readRpmPackages } from './rpm.ts';

/** A file that says what a package, or each package of a system, installed. */
export interface FileList {
  readonly path: string;
  readonly layer: number;
  readonly content: Buffer;
}

/** What one package says it installed, in one layer. */
export interface Claim {
  /** Where it is listed, and as what; a package of a language by the file that lists it. */
  readonly scope: string;
  readonly name: string;
  /** Of the system that it is installed in. */
  readonly root: string;
  readonly layer: number;
  /** Absolute and clean. */
  readonly files: readonly string[];
}

const DPKG_FOLDER = /^(?:var|usr)\/lib\/[do]pkg\/(?:info|status\.d)$/;

/** Whose files a list of dpkg's names. Undefined for any other file. */
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

/** Where the lists of a package's files may lie: it is called `curl`, or `libc6:amd64` where architectures are mixed. */
export function dpkgLists(root: string, names: readonly string[]): readonly string[] {
  const folders = ['var/lib/dpkg', 'usr/lib/dpkg', 'var/lib/opkg', 'usr/lib/opkg'].flatMap((folder) => [
    `${root}/${folder}/info`,
    `${root}/${folder}/status.d`,
  ]);
  return folders.flatMap((folder) => names.flatMap((name) => [`${folder}/${name}.list`, `${folder}/${name}.md5sums`]));
}

/** What the list of a whole system says of each package. */
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

/** What the list of one package's files says. Empty for a file that says something else of it. */
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
  // RECORD is relative to the folder of wheels, the older list to its own.
  const from = name === 'RECORD' ? folderOf(folder) : folder;
  const files = readRecord(content).map((file) => layerPath(file.startsWith('/') ? file : `${from}/${file}`));
  const metadata = `${folder}/${/dist-info$/i.test(folder) ? 'METADATA' : 'PKG-INFO'}`;
  return one(metadata, metadata, files);
}

function under(folder: string, files: readonly string[]): readonly string[] {
  return files.map((file) => layerPath(`${folder}/${file}`));
}
