import { isUnder, layerPath, whiteoutOf } from '../contents/layer-path.ts';
import type { LinkedEntry } from './linked-entry.ts';

/** A folder by its names: a folder, or the layer that a file is from. */
type Folder = Map<string, Folder | number>;

/** Maximum number of files and folders: several times that of the largest images. */
const MOST_HELD = 3_000_000;

/** A file that a container sees, and the layer that it is from. */
export type Seen = readonly [path: string, layer: number];

/** The regular files of an image, as a container sees them, with the layer that each is from. */
export class FileTree {
  readonly #root: Folder = new Map();
  readonly #most: number;
  #held = 0;
  #overflow = false;
  /** Entries of the current layer: its whiteouts are applied before its files. */
  #files: string[] = [];
  #hidden = new Set<string>();
  #opaque = new Set<string>();

  constructor(most: number = MOST_HELD) {
    this.#most = most;
  }

  /** More files than the maximum: a file that is not found here may exist. */
  get overflow(): boolean {
    return this.#overflow;
  }

  entry(entry: LinkedEntry): void {
    if (this.#overflow) return;
    const path = layerPath(entry.path);
    const whiteout = whiteoutOf(path);
    if (whiteout?.kind === 'path') this.#hidden.add(whiteout.path);
    else if (whiteout?.kind === 'opaque') this.#opaque.add(whiteout.folder);
    else if (whiteout) return;
    else if (entry.type === 'file' || entry.type === 'hardlink') {
      if (this.#files.length < this.#most) this.#files.push(path);
      else this.#overflow = true;
    } else if (entry.type !== 'directory' || this.layerOf(path) !== undefined) this.#hidden.add(path);
    if (this.#hidden.size + this.#opaque.size > this.#most) this.#overflow = true;
  }

  endLayer(layer: number): void {
    for (const folder of this.#opaque) {
      const found = this.#at(folder);
      if (typeof found === 'object') found.clear();
    }
    for (const path of this.#hidden) {
      const [parent, name] = this.#parentOf(path);
      parent?.delete(name);
    }
    for (const path of this.#files) this.#add(path, layer);
    this.#files = [];
    this.#hidden = new Set();
    this.#opaque = new Set();
  }

  /** Undefined if a container sees no regular file there. */
  layerOf(path: string): number | undefined {
    const found = this.#at(path);
    return typeof found === 'number' ? found : undefined;
  }

  /** Files below a folder, without the folders whose name is `except`. */
  *below(folder: string, except?: string): Generator<Seen> {
    const left: [string, Folder | number | undefined][] = [[folder === '/' ? '' : folder, this.#at(folder)]];
    for (let next = left.pop(); next; next = left.pop()) {
      const [path, found] = next;
      if (typeof found === 'number') yield [path, found];
      else for (const [name, each] of found ?? []) if (name !== except) left.push([`${path}/${name}`, each]);
    }
  }

  #at(path: string): Folder | number | undefined {
    if (path === '/') return this.#root;
    const [parent, name] = this.#parentOf(path);
    return parent?.get(name);
  }

  #parentOf(path: string): readonly [Folder | undefined, string] {
    let folder = this.#root;
    let from = 1;
    for (let slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
      const next = folder.get(path.slice(from, slash));
      if (typeof next !== 'object') return [undefined, ''];
      folder = next;
      from = slash + 1;
    }
    return [folder, path.slice(from)];
  }

  #add(path: string, layer: number): void {
    let folder = this.#root;
    let from = 1;
    for (let slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
      const name = path.slice(from, slash);
      let next = folder.get(name);
      if (typeof next !== 'object') {
        if (!this.#hold()) return;
        next = new Map();
        folder.set(name, next);
      }
      folder = next;
      from = slash + 1;
    }
    const name = path.slice(from);
    if (name !== '' && (folder.has(name) || this.#hold())) folder.set(name, layer);
  }

  #hold(): boolean {
    if (this.#held >= this.#most) this.#overflow = true;
    else this.#held += 1;
    return !this.#overflow;
  }
}

/** With merged folders, a file has two paths: `/bin/sh` and `/usr/bin/sh`. */
const MERGED = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** The path below `/usr`, if it may be there as well. */
export function mergedPath(path: string, root = ''): string {
  const inRoot = path.slice(root.length);
  return MERGED.some((folder) => isUnder(inRoot, folder)) ? `${root}/usr${inRoot}` : path;
}

/** Both paths of a file, the given one first. */
export function pathsOf(path: string, root = ''): readonly string[] {
  const merged = mergedPath(path, root);
  if (merged !== path) return [path, merged];
  const inRoot = path.slice(root.length);
  const bare = inRoot.startsWith('/usr/') ? inRoot.slice('/usr'.length) : '';
  return MERGED.some((folder) => isUnder(bare, folder)) ? [path, `${root}${bare}`] : [path];
}
