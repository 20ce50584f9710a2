import type { SystemPackages } from '../contents/image-contents.ts';
import { folderOf, isUnder, layerPath, whiteoutOf } from '../contents/layer-path.ts';
import { formatBytes } from '../text/terminal.ts';
import { readDeclared } from './declared.ts';
import { successors } from './gems.ts';
import type { LinkedEntry } from './linked-entry.ts';
import type { Gone, SeenList as List, ListedPackage, ListKind, Located, Unread } from './listed.ts';
import { bringsOsRelease } from './os-release.ts';
import { byName, nameOf, type Packages } from './package-index.ts';
import { isSystem, listAt, mostRead } from './place.ts';
import { READERS } from './read.ts';
import { effectiveRelease, linkedRelease, releaseLink, saysRelease } from './release-files.ts';
import { KeptFiles, type Unlisted } from './unlisted.ts';

/** Maximum number of packages and changes in memory: an image with ten thousand packages is large. */
const MOST_HELD = 400_000;

/**
 * Receives an image's layers while they are read, lowest first, and compares the package lists that a container sees
 * after each layer with those before it. Lists may move, merge and split, so all lists of a scope are compared
 * together.
 */
export class PackageListRecorder {
  /** Lists of lower layers that are still seen, by path and by scope. */
  readonly #lists = new Map<string, List>();
  readonly #scopes = new Map<string, Map<string, List>>();
  /** Folders above a list: only a change to one of these can hide a list. */
  #above = new Set<string>();
  /** Links of lower layers that name the release, by target. */
  #links = new Map<string, List>();
  readonly #kept = new KeptFiles();
  #fresh = new Map<string, List>();
  /** The packages of each scope that this layer changes, before the layer. */
  #before = new Map<string, Packages>();
  readonly #gone = new Map<string, Gone>();
  readonly #unread: Unread[] = [];
  #layer = 0;
  #held = 0;
  #overflow = false;
  readonly #most: number;

  /** @param most maximum number of packages and changes in memory */
  constructor(most: number = MOST_HELD) {
    this.#most = most;
  }

  /** @returns whether to pass its content to `content` */
  entry(entry: LinkedEntry): boolean {
    const path = layerPath(entry.path);
    const whiteout = whiteoutOf(path);
    this.#kept.entry(entry);
    this.#lookBehind(whiteout?.kind === 'path' ? whiteout.path : path);
    if (whiteout) {
      if (whiteout.kind === 'path') this.#hide(whiteout.path, true);
      else if (whiteout.kind === 'opaque') this.#hide(whiteout.folder, false);
      return false;
    }
    if (entry.type === 'directory') {
      this.#hideAt(path);
      return false;
    }
    this.#hide(path, true);
    this.#fresh.delete(path);
    const found = listAt(path);
    const isRelease = found !== undefined && saysRelease(found);
    const isRead = entry.type === 'file' || entry.type === 'hardlink' || (entry.type === 'symlink' && isRelease);
    const place = isRead ? found : undefined;
    if (!place || this.#overflow) return false;
    const list: List = { path, place, layer: this.#layer, packages: [], declared: [] };
    if (entry.type === 'file') {
      const most = mostRead(place.kind);
      const unread = entry.size > most ? `it is larger than ${formatBytes(most)}` : undefined;
      this.#fresh.set(path, unread ? { ...list, unread } : list);
      return unread === undefined;
    }
    if (entry.type === 'symlink') {
      const to = releaseLink(path, entry.link);
      if (to !== undefined) this.#fresh.set(path, { ...list, to, packages: linkedRelease(to, this.#layer) });
      return false;
    }
    const target = layerPath(entry.link ?? '');
    // uv links wheels from its cache, which contains the same metadata.
    const twin = this.#fresh.get(target);
    if (twin && !twin.unread) {
      this.#fresh.set(path, { ...list, packages: twin.packages, declared: twin.declared });
      return false;
    }
    this.#fresh.set(path, { ...list, unread: 'it is a hard link', link: { place, path, target, layer: this.#layer } });
    return false;
  }

  /** A link names another release when a layer changes its target. */
  #lookBehind(path: string): void {
    const list = this.#links.get(path);
    if (!list || this.#fresh.has(list.path)) return;
    this.#fresh.set(list.path, { ...list, layer: this.#layer, packages: linkedRelease(path, this.#layer) });
  }

  /** The content of a list that `entry` requested. */
  content(entryPath: string, content: Buffer): void {
    const list = this.#fresh.get(layerPath(entryPath));
    if (!list) return;
    list.packages = READERS[list.place.kind](content, list.path);
    list.declared = readDeclared(list.place.kind, content, list.path);
  }

  endLayer(): void {
    for (const list of this.#fresh.values()) {
      this.#note(list.place.scope);
      this.#held += list.packages.length;
    }
    for (const list of this.#fresh.values()) this.#see(list);
    const touched = this.#before;
    for (const [scope, before] of touched) this.#compare(scope, before);
    this.#fresh = new Map();
    this.#before = new Map();
    if (touched.size > 0) {
      this.#links = new Map([...this.#lists.values()].flatMap((list) => (list.to ? [[list.to, list]] : [])));
      this.#above = new Set();
      for (const path of this.#lists.keys()) {
        for (let folder = folderOf(path); !this.#above.has(folder); folder = folderOf(folder)) this.#above.add(folder);
      }
    }
    this.#kept.endLayer();
    this.#layer += 1;
  }

  /** Packages listed in lower layers, but not in the image. Most were removed or upgraded together with their files. */
  get gone(): readonly Gone[] {
    return [...this.#gone.values()];
  }

  /** Lists that could not be compared with what they replace, or with what replaces them. */
  get unread(): readonly Unread[] {
    return this.#unread;
  }

  /** The limit was exceeded: the rest was not compared. */
  get overflow(): boolean {
    return this.#overflow || this.#kept.overflow;
  }

  /** The lists that a container sees. */
  get seen(): Iterable<List> {
    return this.#lists.values();
  }

  /** Whether the image still lists a package of that name in a scope, or still has a list at that path. */
  lists(scope: string, name: string): boolean {
    return this.#lists.has(scope) || this.#named(scope, name) !== undefined;
  }

  /** The source package of a package that is still listed, by its scope or by the path of its list. */
  sourceOf(scope: string, name: string): string | undefined {
    return (this.#named(scope, name) ?? this.#lists.get(scope)?.packages[0])?.source;
  }

  #named(scope: string, name: string): ListedPackage | undefined {
    const lists = [...(this.#scopes.get(scope)?.values() ?? [])];
    return lists.flatMap(({ packages }) => packages).find((listed) => listed.name === name);
  }

  /** Files that package managers keep for packages that no list names and no lower layer listed. */
  get unlisted(): readonly Unlisted[] {
    const gone = new Set(this.gone.map(({ place, listed }) => `${place.scope}\0${listed.name}`));
    const scopes = new Set(this.gone.map(({ place }) => place.scope));
    const namesAny = (path: string) => (this.#lists.get(path)?.packages.length ?? 0) > 0;
    return this.#kept
      .unlisted((scope) => this.#namesIn(scope), namesAny)
      .filter(({ kind, scope, name }) => (kind === 'apk' ? !scopes.has(scope) : !gone.has(`${scope}\0${name}`)));
  }

  /** Names of the packages that the image's own system lists, as an SBOM calls their kinds. */
  get systemPackages(): SystemPackages {
    const names = (kind: ListKind) => {
      const lists = [...(this.#scopes.get(`${kind} `)?.values() ?? [])];
      const found = lists.flatMap(({ packages }) =>
        packages.flatMap(({ name, version }) => (version === '' ? [] : [name])),
      );
      return [...new Set(found)].toSorted();
    };
    return { deb: names('dpkg'), apk: names('apk'), rpm: [...names('rpm'), ...names('rpm-manifest')] };
  }

  /** Whether a scope has any package. */
  hasPackages(scope: string): boolean {
    return [...(this.#scopes.get(scope)?.values() ?? [])].some(({ packages }) => packages.length > 0);
  }

  #namesIn(scope: string): ReadonlySet<string> {
    const lists = [...(this.#scopes.get(scope)?.values() ?? [])];
    return new Set(lists.flatMap(({ packages }) => packages.map(({ name }) => name)));
  }

  #compare(scope: string, before: Packages): void {
    const lists = [...(this.#scopes.get(scope)?.values() ?? [])];
    const after = this.#packagesOf(scope);
    let named: ReadonlyMap<string, readonly ListedPackage[]> | undefined;
    for (const [key, identities] of before) {
      for (const [identity, located] of identities) {
        if (after.get(key)?.has(identity)) continue;
        named ??= byName(after);
        // The same package for another architecture is the same to a scanner.
        const now = [...(after.get(key)?.values() ?? [])].map(({ listed }) => listed);
        const others = [
          ...(named.get(located.listed.name) ?? []),
          ...successors(located, this.#lists.values(), this.#layer),
        ];
        if (others.some((other) => other.identity === identity)) continue;
        const links = lists.flatMap(({ link }) => (link ? [link] : []));
        const owners = saysRelease(located.place) ? { changed: this.#changedOwners() } : undefined;
        this.#held += 1;
        this.#gone.set(nameOf(located), {
          ...located,
          by: this.#layer,
          now: now.length > 0 ? now : others,
          links,
          owners,
        });
      }
    }
    // Builders of layered images write parts of a list and later the whole: a package that is listed again was never
    // gone.
    for (const identities of after.values()) {
      for (const located of identities.values()) if (this.#gone.delete(nameOf(located))) this.#held -= 1;
    }
    if (this.#held > this.#most) this.#overflow = true;
  }

  /** Names of the packages that bring os-release and that this layer lists differently from the layer below it. */
  #changedOwners(): readonly string[] {
    return [...this.#before].flatMap(([scope, before]) =>
      [...before.entries()].flatMap(([key, identities]) => {
        const name = [...identities.values()][0]?.listed.name ?? '';
        if (!bringsOsRelease(name)) return [];
        const now = this.#packagesOf(scope).get(key);
        return [...identities.keys()].every((identity) => now?.has(identity)) ? [] : [name];
      }),
    );
  }

  #packagesOf(scope: string): Packages {
    const found = new Map<string, Map<string, Located>>();
    const lists = [...(this.#scopes.get(scope)?.values() ?? [])];
    for (const { packages, place, path, layer } of saysRelease({ scope }) ? effectiveRelease(lists) : lists) {
      for (const listed of packages) {
        const identities = found.get(listed.key) ?? new Map<string, Located>();
        identities.set(listed.identity, { listed, place, path, layer });
        found.set(listed.key, identities);
      }
    }
    return found;
  }

  #see(list: List): void {
    this.#lists.set(list.path, list);
    const scope = this.#scopes.get(list.place.scope) ?? new Map<string, List>();
    scope.set(list.path, list);
    this.#scopes.set(list.place.scope, scope);
  }

  /** Saves the packages of a scope before this layer changes it. */
  #note(scope: string): void {
    if (!this.#before.has(scope)) this.#before.set(scope, this.#packagesOf(scope));
  }

  #hide(path: string, itself: boolean): void {
    if (itself) this.#hideAt(path);
    if (!this.#above.has(path)) return;
    for (const below of this.#lists.keys()) if (isUnder(below, path)) this.#hideAt(below);
    this.#above.delete(path);
  }

  #hideAt(path: string): void {
    const list = this.#lists.get(path);
    if (!list) return;
    this.#note(list.place.scope);
    const { unread, layer } = list;
    if (unread && isSystem(list.place)) this.#unread.push({ path, layer, why: unread });
    this.#lists.delete(path);
    this.#scopes.get(list.place.scope)?.delete(path);
    this.#held -= list.packages.length;
  }
}
