import { folderOf, layerPath, nameOf, TidegateError, whiteoutOf } from '@tidegate/core';
import type { TarEntry } from '@tidegate/oci';

/** A file as a container sees it: the highest layer that has it wins. */
export interface ImageFile extends Omit<TarEntry, 'path' | 'time'> {
  readonly path: string;
  /** Index of the layer with its entry, from 0. */
  readonly layer: number;
}

interface Node {
  file: ImageFile | undefined;
  readonly children: Map<string, Node>;
}

/** As many as Linux follows (path_resolution(7)). */
const LINKS = 40;
/** More than any image has. */
const MOST_FILES = 5_000_000;

/** The file system of one platform's image, without content. Nothing is unpacked. */
export class ImageFiles {
  readonly #root: Node = { file: undefined, children: new Map() };
  #count = 0;

  /** Entries must arrive layer by layer, the lowest first (OCI image-spec, layer.md, "Applying Changesets"). */
  add(entry: TarEntry, layer: number): void {
    const path = layerPath(entry.path);
    const whiteout = whiteoutOf(path);
    if (whiteout) {
      if (whiteout.kind === 'ignored') return;
      if (whiteout.kind === 'opaque') {
        const folder = this.#node(whiteout.folder);
        if (folder) for (const name of [...folder.children.keys()]) hide(folder, name, layer);
      } else {
        const parent = this.#node(folderOf(whiteout.path));
        if (parent) hide(parent, nameOf(whiteout.path), layer);
      }
      return;
    }
    this.#count += 1;
    if (this.#count > MOST_FILES) {
      throw new TidegateError('layout-unsupported', `The image has more than ${MOST_FILES} files.`, {
        next: 'Test an image with fewer files.',
      });
    }
    let node = this.#root;
    for (const part of partsOf(path)) {
      const next = node.children.get(part) ?? { file: undefined, children: new Map() };
      node.children.set(part, next);
      node = next;
    }
    node.file = { ...entry, path, layer };
    // A file in place of a folder hides what was in it.
    if (entry.type !== 'directory') node.children.clear();
  }

  /**
   * The file at a path. Links among its folders are followed inside the image; the last one only with `follow`.
   * @returns undefined if there is none
   */
  find(path: string, follow = false): ImageFile | undefined {
    const walked: string[] = [];
    const left = partsOf(layerPath(path)).reverse();
    let links = 0;
    for (let part = left.pop(); part !== undefined; part = left.pop()) {
      if (part === '..') {
        walked.pop();
        continue;
      }
      const node = this.#node(`/${[...walked, part].join('/')}`);
      if (!node) return undefined;
      if (node.file?.type !== 'symlink' || (left.length === 0 && !follow)) {
        walked.push(part);
        continue;
      }
      links += 1;
      if (links > LINKS) return undefined;
      const { link } = node.file;
      if (link.startsWith('/')) walked.length = 0;
      left.push(
        ...link
          .split('/')
          .filter((one) => one !== '' && one !== '.')
          .reverse(),
      );
    }
    const at = `/${walked.join('/')}`;
    const node = this.#node(at);
    if (!node) return undefined;
    // A folder that no layer lists: runtimes create it.
    return node.file ?? implied(at);
  }

  /** The entry with the content of a file: that of a hard link is where the link points to. */
  content(file: ImageFile): ImageFile | undefined {
    if (file.type === 'file') return file;
    return file.type === 'hardlink' ? this.#node(layerPath(file.link))?.file : undefined;
  }

  #node(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const part of partsOf(path)) node = node?.children.get(part);
    return node;
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function implied(path: string): ImageFile {
  return { path, layer: -1, type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, link: '' };
}

/** Remove a child with everything below it, as far as it is from lower layers. */
function hide(parent: Node, name: string, layer: number): void {
  const child = parent.children.get(name);
  if (!child) return;
  for (const below of [...child.children.keys()]) hide(child, below, layer);
  if ((child.file?.layer ?? -1) >= layer) return;
  if (child.children.size === 0) parent.children.delete(name);
  else child.file = undefined;
}

/** As Go's `fs.FileMode.String`: `drwxr-xr-x`, `Lrwxrwxrwx`, `urwxr-xr-x` for a setuid file. */
export function goMode({ type, mode }: Pick<ImageFile, 'type' | 'mode'>): string {
  const letters = { directory: 'd', symlink: 'L', device: 'D', fifo: 'p', file: '', hardlink: '' }[type];
  const bits = [
    [0o4000, 'u'],
    [0o2000, 'g'],
    [0o1000, 't'],
  ] as const;
  const special = bits.map(([bit, letter]) => (mode & bit ? letter : '')).join('');
  const permissions = [...'rwxrwxrwx'].map((letter, at) => (mode & (0o400 >> at) ? letter : '-')).join('');
  return `${letters + special || '-'}${permissions}`;
}
