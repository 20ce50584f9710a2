import type { Trace } from '../contents/image-contents.ts';
import { folderOf, layerPath, nameOf, whiteoutOf } from '../contents/layer-path.ts';
import { clipped } from '../text/wording.ts';
import { claimsIn, dpkgOwner } from './file-list.ts';
import { FileTree, mergedPath, pathsOf } from './file-tree.ts';
import type { LinkedEntry } from './linked-entry.ts';
import type { OwnedFiles } from './owned-files.ts';
import { matters } from './package-files.ts';

/** Files that a package manager keeps for a package that is not on its list. */
export interface Unlisted {
  readonly kind: 'dpkg' | 'apk';
  readonly scope: string;
  /** Name of the package; empty for a file of all packages. */
  readonly name: string;
  readonly path: string;
  readonly layer: number;
}

/** Two empty blocks, which apk writes if no package has a script. */
const EMPTY_TAR = 1024;
const APK = /^(.*?)(?:\/usr)?\/lib\/apk\/db\/(?:triggers|scripts\.tar(?:\.gz)?)$/;

/**
 * The files that package managers keep for each installed package, as a container sees them. A system that arrives in
 * one layer has no lower one that its emptied list could be compared with, but these files name what was on it.
 */
export class KeptFiles {
  readonly #tree = new FileTree();
  #layer = 0;

  get overflow(): boolean {
    return this.#tree.overflow;
  }

  entry(entry: LinkedEntry): void {
    const path = layerPath(entry.path);
    if (whiteoutOf(path) || (entry.type === 'file' && isKept(path, entry.size))) this.#tree.entry(entry);
  }

  endLayer(): void {
    this.#tree.endLayer(this.#layer);
    this.#layer += 1;
  }

  /**
   * The files of packages that no list names. There are few: configuration that `apt-get remove` left is among them.
   * @param namesIn the names in the lists of a scope
   * @param namesAny whether the list at a path names a package
   */
  unlisted(namesIn: (scope: string) => ReadonlySet<string>, namesAny: (path: string) => boolean): readonly Unlisted[] {
    const names = new Map<string, ReadonlySet<string>>();
    const known = (scope: string) => {
      const found = names.get(scope) ?? namesIn(scope);
      names.set(scope, found);
      return found;
    };
    const kept = [...this.#tree.below('/')].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return kept.flatMap(([path, layer]): readonly Unlisted[] => {
      const owner = dpkgOwner(path);
      if (owner) {
        const { scope, name } = owner;
        // Distroless names the file differently from the package: libssl1 for libssl1.1.
        if (known(scope).has(name) || namesAny(path.slice(0, path.lastIndexOf('.')))) return [];
        return [{ kind: 'dpkg', scope, name, path, layer }];
      }
      const scope = `apk ${APK.exec(path)?.[1] ?? ''}`;
      return known(scope).size > 0 ? [] : [{ kind: 'apk', scope, name: '', path, layer }];
    });
  }
}

function isKept(path: string, size: number): boolean {
  const name = nameOf(path);
  if (name.endsWith('.list') || name.endsWith('.md5sums')) return dpkgOwner(path) !== undefined;
  if (name === 'triggers') return size > 0 && APK.test(path);
  return name.startsWith('scripts.tar') && size > EMPTY_TAR && APK.test(path);
}

/** Facts about an image after the second pass over its layers. */
export interface Installed {
  /** Whether a package is still listed, or a list at that path is still there. */
  readonly lists: (scope: string, name: string) => boolean;
  readonly owned: OwnedFiles;
  readonly tree: FileTree;
}

/**
 * One trace for each package with files that a container sees and no other package brings; for apk, whose list alone
 * names files, one in total.
 */
export function unlistedTraces(all: readonly Unlisted[], installed: Installed): readonly Trace[] {
  const filesOf = new Map(all.map((one) => [one, one.kind === 'dpkg' ? installedFiles(one, installed) : []]));
  const others = installed.owned
    .claimsOn(new Set([...filesOf.values()].flat().map(([, merged]) => merged)))
    .filter(({ scope, name }) => installed.lists(scope, name));
  const taken = new Set(others.flatMap(({ files }) => files));
  const found = new Map<string, Trace>();
  for (const [one, files] of filesOf) {
    const { kind, scope, name, path, layer } = one;
    const file = files.find(([, merged]) => !taken.has(merged))?.[0];
    if (found.has(`${scope}\0${name}`) || (kind === 'dpkg' && file === undefined)) continue;
    const what =
      file === undefined
        ? `apk keeps scripts of packages, and ${clipped(folderOf(path))}/installed names no package`
        : `package ${clipped(name)} is on no list, its files are in the image (${clipped(file)})`;
    found.set(`${scope}\0${name}`, { kind: 'hidden-package', path, layer, what });
  }
  return [...found.values()];
}

/** The files of a package that a container sees: at their own paths, and below `/usr`. */
function installedFiles(
  { scope, path, layer }: Unlisted,
  { owned, tree }: Installed,
): readonly (readonly [string, string])[] {
  const content = owned.contents(path).at(-1);
  const [claim] = content ? claimsIn({ path, layer, content }) : [];
  if (!claim) return [];
  const { root, files } = claim;
  const place = { kind: 'dpkg' as const, scope, root };
  return files
    .flatMap((file) => pathsOf(file, root))
    .filter((file) => tree.layerOf(file) !== undefined && matters({ place }, [file, layer]))
    .map((file) => [file, mergedPath(file, root)]);
}
