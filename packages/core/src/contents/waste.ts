import type { LayerFacts } from './image-contents.ts';
import type { Whiteout } from './layer-path.ts';

/** Beyond this many files and folders, waste is unknown: memory must not grow with the image. It is at most 60 MB. */
const MOST_NODES = 200_000;

interface Node {
  /** Unpacked bytes of the file, 0 for anything else. */
  bytes: number;
  layer: number;
  below?: Map<string, Node>;
}

/**
 * Counts the bytes of each layer that later layers delete or replace: they are pulled with the image, but no container
 * sees them. Whiteouts apply to lower layers only, so entries of a layer are added after it.
 */
export class WasteCounter {
  /** Files of lower layers that are still visible. Undefined beyond the limit. */
  #lower: Node | undefined = { bytes: 0, layer: 0 };
  #nodes = 0;
  /** Entries of the layer that is being read. */
  #paths: string[] = [];
  #sizes: number[] = [];
  #layer = 0;
  readonly #wasted = new Map<number, Map<number, number>>();
  readonly #most: number;

  constructor(most = MOST_NODES) {
    this.#most = most;
  }

  /** @param path absolute and normalized */
  entry(path: string, isFolder: boolean, size: number): void {
    if (!this.#lower) return;
    if (this.#lower.below) {
      if (isFolder) this.#replaceByFolder(path);
      else this.#remove(path);
    }
    if (isFolder) return;
    this.#paths.push(path);
    this.#sizes.push(size);
    if (this.#paths.length > this.#most) this.#giveUp();
  }

  whiteout(whiteout: Whiteout): void {
    if (!this.#lower?.below || whiteout.kind === 'ignored') return;
    if (whiteout.kind === 'path') {
      this.#remove(whiteout.path);
      return;
    }
    const folder = this.#find(whiteout.folder);
    if (!folder?.below) return;
    const { below } = folder;
    delete folder.below;
    for (const node of below.values()) this.#count(node);
  }

  endLayer(): void {
    this.#paths.forEach((path, at) => {
      this.#add(path, this.#sizes[at] ?? 0);
    });
    this.#paths = [];
    this.#sizes = [];
    this.#layer += 1;
  }

  /** Undefined if nothing of the layer is wasted, or if it is unknown. */
  of(layer: number): LayerFacts['wasted'] {
    const by = this.#lower && this.#wasted.get(layer);
    return by && [...by].map(([at, bytes]) => ({ by: at, bytes }));
  }

  #add(path: string, bytes: number): void {
    let node = this.#lower;
    for (const name of partsOf(path)) {
      if (!node) return;
      node.below ??= new Map();
      let next = node.below.get(name);
      if (!next) {
        next = { bytes: 0, layer: this.#layer };
        node.below.set(name, next);
        this.#nodes += 1;
        if (this.#nodes > this.#most) {
          this.#giveUp();
          return;
        }
      }
      node = next;
    }
    if (!node) return;
    node.bytes = bytes;
    node.layer = this.#layer;
  }

  #find(path: string): Node | undefined {
    let node = this.#lower;
    for (const name of partsOf(path)) {
      node = node?.below?.get(name);
      if (!node) return undefined;
    }
    return node;
  }

  #remove(path: string): void {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) return;
    let parent = this.#lower;
    for (const part of parts) {
      parent = parent?.below?.get(part);
      if (!parent) return;
    }
    const node = parent?.below?.get(name);
    if (!node) return;
    parent?.below?.delete(name);
    this.#count(node);
  }

  /** A folder over a folder keeps its contents; over a file it replaces it. */
  #replaceByFolder(path: string): void {
    const node = this.#find(path);
    if (!node || node.bytes === 0) return;
    this.#waste(node);
    node.bytes = 0;
  }

  /** Each node is counted once, because it is no longer in the tree. Not recursive: a path may have any depth. */
  #count(top: Node): void {
    const open = [top];
    for (let node = open.pop(); node; node = open.pop()) {
      this.#nodes -= 1;
      if (node.bytes > 0) this.#waste(node);
      if (node.below) for (const each of node.below.values()) open.push(each);
    }
  }

  #waste({ bytes, layer }: Node): void {
    const by = this.#wasted.get(layer) ?? new Map<number, number>();
    by.set(this.#layer, (by.get(this.#layer) ?? 0) + bytes);
    this.#wasted.set(layer, by);
  }

  #giveUp(): void {
    this.#lower = undefined;
    this.#paths = [];
    this.#sizes = [];
  }
}

function partsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.filter((part) => part !== '');
}
