import { folderOf, nameOf } from '../contents/layer-path.ts';
import type { ListKind, ListPlace } from './listed.ts';
import { ownFolderAt } from './own-folder.ts';
import { releaseFileAt } from './release-files.ts';

const MIB = 1024 * 1024;

/** Lists up to this size are read: those of large images are a tenth of it. Bytes. */
export function mostRead(kind: ListKind): number {
  if (kind === 'rpm') return 128 * MIB;
  // These list all packages of a system, or all files of a package.
  return kind === 'dpkg' || kind === 'apk' || kind === 'composer' || kind === 'conda' ? 32 * MIB : 4 * MIB;
}

/** Kinds with one list for the packages of a whole system: without it a scanner finds none of them. */
export function isSystem({ kind }: ListPlace): boolean {
  return kind === 'dpkg' || kind === 'apk' || kind === 'rpm' || kind === 'rpm-manifest';
}

/** The kind of package list at an absolute, normalized path: the places where Syft looks for lists. */
export function listAt(path: string): ListPlace | undefined {
  const name = nameOf(path);
  switch (name) {
    case 'status':
      return place('dpkg', /^(.*)\/(?:var|usr)\/lib\/[do]pkg\/status$/.exec(path)?.[1]);
    case 'installed':
      return place('apk', /^(.*?)(?:\/usr)?\/lib\/apk\/db\/installed$/.exec(path)?.[1]);
    case 'Packages':
    case 'Packages.db':
    case 'rpmdb.sqlite':
      return place('rpm', /^(.*)\/(?:var\/lib|usr\/share|usr\/lib\/sysimage)\/rpm\/[^/]+$/.exec(path)?.[1]);
    case 'container-manifest-2':
      return place('rpm-manifest', /^(.*)\/var\/lib\/rpmmanifest\/[^/]+$/.exec(path)?.[1]);
    case 'CONTENTS':
      return place('portage', /^(.*)\/var\/db\/pkg\/[^/]+\/[^/]+\/CONTENTS$/.exec(path)?.[1]);
    case 'desc':
      return place('pacman', /^(.*)\/var\/lib\/pacman\/local\/[^/]+\/desc$/.exec(path)?.[1]);
    case 'os-release':
    case 'system-release-cpe':
    case 'redhat-release':
    case 'debian_version':
      return releaseFileAt(path);
    case 'METADATA':
    case 'PKG-INFO':
      // Python reads the first of these two that exists, in folders of both kinds.
      return /\.dist-info$|egg-info$/i.test(folderOf(path)) ? of('python', folderOf(folderOf(path))) : undefined;
    case 'package.json':
      return /\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path) ? of('npm', folderOf(path)) : undefined;
    case 'installed.json':
      return nameOf(folderOf(path)) === 'composer' ? of('composer', folderOf(path)) : undefined;
  }
  if (name.endsWith('.gemspec')) {
    const [, home] = /^(.*)\/specifications\/(?:default\/)?[^/]+$/.exec(path) ?? [];
    // Several versions of a gem are installed side by side: each is a separate list.
    return home === undefined ? undefined : { kind: 'gem', scope: `gem ${path}`, root: home };
  }
  if (name.endsWith('.reg')) return place('pear', registryOfPear(path));
  const own = ownFolderAt(path);
  if (own) return own;
  if (name.endsWith('.control')) return place('dpkg', /^(.*)\/(?:var|usr)\/lib\/opkg\/info\/[^/]+$/.exec(path)?.[1]);
  if (name.endsWith('.egg-info')) return of('python', folderOf(path));
  if (name.endsWith('.json') && nameOf(folderOf(path)) === 'conda-meta') return of('conda', folderOf(folderOf(path)));
  const [, root] = name.endsWith('.md5sums')
    ? []
    : (/^(.*)\/(?:var|usr)\/lib\/dpkg\/status\.d\/[^/]+$/.exec(path) ?? []);
  return place('dpkg', root);
}

function place(kind: ListKind, root: string | undefined): ListPlace | undefined {
  return root === undefined ? undefined : of(kind, root);
}

function of(kind: ListKind, root: string): ListPlace {
  return { kind, scope: `${kind} ${root}`, root: root === '/' ? '' : root };
}

/** `…/php/.registry` of a file at any depth below it: each channel has its own folder. */
function registryOfPear(path: string): string | undefined {
  const end = path.lastIndexOf('/php/.registry/');
  return end < 0 ? undefined : path.slice(0, end + '/php/.registry'.length);
}
