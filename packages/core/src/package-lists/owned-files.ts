import { folderOf } from '../contents/layer-path.ts';
import { type Claim, claimsIn, dpkgLists, type FileList, isFileList, systemClaims } from './file-list.ts';
import { mergedPath } from './file-tree.ts';
import type { Located } from './listed.ts';
import { listAt } from './place.ts';

/** Maximum bytes of file lists in memory. */
const MOST_HELD = 96 * 1024 * 1024;

/** By a package's key, then by its identity. */
type OfSystem = Map<string, Map<string, Claim>>;

/**
 * File lists of packages, from every layer: a later layer may contain a false list, so the first ones are kept.
 */
export class OwnedFiles {
  /** By path, lowest layer first. */
  readonly #lists = new Map<string, FileList[]>();
  /** By scope. A package that a later list repeats is kept once. */
  readonly #systems = new Map<string, OfSystem>();
  readonly #most: number;
  #held = 0;
  #overflow = false;

  constructor(most: number = MOST_HELD) {
    this.#most = most;
  }

  /** The limit was exceeded. */
  get overflow(): boolean {
    return this.#overflow;
  }

  /** Whether a file is such a list. */
  wants(path: string): boolean {
    return !this.#overflow && isFileList(path);
  }

  add(list: FileList): void {
    const place = listAt(list.path);
    if (place?.kind === 'apk' || place?.kind === 'rpm') this.#addSystem(list, place.kind, place.root);
    else {
      const known = this.#lists.get(list.path) ?? [];
      if (known.at(-1)?.content.equals(list.content)) return;
      known.push(list);
      this.#lists.set(list.path, known);
      this.#held += list.content.length;
    }
    if (this.#held > this.#most) this.#overflow = true;
  }

  /** A hard link to such a list in the same layer counts as one. */
  link(path: string, layer: number, target: string): void {
    const twin = this.wants(path) ? this.#lists.get(target)?.at(-1) : undefined;
    if (twin?.layer === layer) this.add({ path, layer, content: twin.content });
  }

  #addSystem(list: FileList, kind: 'apk' | 'rpm', root: string): void {
    const scope = `${kind} ${root}`;
    const system: OfSystem = this.#systems.get(scope) ?? new Map();
    this.#systems.set(scope, system);
    for (const { key, identity, claim } of systemClaims(list, kind, root)) {
      const known = system.get(key) ?? new Map<string, Claim>();
      if (known.has(identity)) continue;
      known.set(identity, claim);
      system.set(key, known);
      for (const file of claim.files) this.#held += file.length;
    }
  }

  /** All files that any list of any layer has for a package. */
  of({ place: { kind, root, scope }, path, listed }: Located): readonly Claim[] {
    const folder = folderOf(path);
    switch (kind) {
      case 'dpkg':
        return this.#in(dpkgLists(root, [listed.name, listed.key]));
      case 'apk':
      case 'rpm':
        return [...(this.#systems.get(scope)?.get(listed.key)?.values() ?? [])];
      case 'pacman':
        return this.#in([`${folder}/files`]);
      case 'conda':
      case 'portage':
      case 'pear':
        return this.#in([path]);
      case 'python':
        return this.#in([`${folder}/RECORD`, `${folder}/installed-files.txt`]);
      default:
        return [];
    }
  }

  /** The lists at this path in all layers, lowest first. */
  contents(path: string): readonly Buffer[] {
    return (this.#lists.get(path) ?? []).map(({ content }) => content);
  }

  /** Every claim on any of these paths, with no other paths in it. Paths are below `/usr` where they may be. */
  claimsOn(wanted: ReadonlySet<string>): readonly Claim[] {
    const found: Claim[] = [];
    for (const claim of wanted.size > 0 ? this.all() : []) {
      const files = claim.files.map((file) => mergedPath(file, claim.root)).filter((file) => wanted.has(file));
      if (files.length > 0) found.push({ ...claim, files });
    }
    return found;
  }

  #in(paths: readonly string[]): readonly Claim[] {
    return paths.flatMap((path) => (this.#lists.get(path) ?? []).flatMap(claimsIn));
  }

  /** Every claim of every package. */
  *all(): Generator<Claim> {
    for (const lists of this.#lists.values()) for (const list of lists) yield* claimsIn(list);
    for (const system of this.#systems.values()) for (const known of system.values()) yield* known.values();
  }
}
