import { type Entry, linesOf } from './entry.ts';

const MODULES = 'node_modules/';

/**
 * package-lock.json and npm-shrinkwrap.json, of lockfileVersion 1 to 3: a key of an object, and `version` in one of the
 * next lines. Versions 2 and 3 also say which packages the project requires itself.
 */
export function readNpmLock(text: string): readonly Entry[] {
  const origins = originsIn(text);
  const entries: Entry[] = [];
  let [key, keyLine] = ['', 0];
  for (const [line, content] of linesOf(text)) {
    const [, opened] = /^\s*"([^"]+)": \{$/.exec(content) ?? [];
    if (opened !== undefined) [key, keyLine] = [opened, line];
    const [, version] = /^\s*"version": "([^"]+)",?$/.exec(content) ?? [];
    // An alias has its real name between the two.
    if (version === undefined || key === '' || line > keyLine + 2) continue;
    entries.push({ name: nameOf(key), version, line: keyLine, ...origins.get(key) });
    key = '';
  }
  return entries;
}

function nameOf(key: string): string {
  const at = key.lastIndexOf(MODULES);
  return at < 0 ? key : key.slice(at + MODULES.length);
}

type Origin = Pick<Entry, 'direct' | 'via'>;
type Packages = ReadonlyMap<string, readonly string[]>;

/** By key of `packages`: whether the project requires it, or which of the packages that it requires does. */
function originsIn(text: string): ReadonlyMap<string, Origin> {
  const packages = packagesIn(text);
  const folders = foldersOf(packages.keys());
  const origins = new Map<string, Origin>();
  let next: { readonly key: string; readonly via: string }[] = [];
  for (const [key, names] of packages) {
    // The project itself, and its workspaces.
    if (key.includes(MODULES)) continue;
    const visibleFrom = folders(key);
    for (const name of names) {
      const found = resolved(visibleFrom, name);
      if (found === undefined || origins.has(found)) continue;
      origins.set(found, { direct: true });
      next.push({ key: found, via: name });
    }
  }
  while (next.length > 0) {
    const now = next;
    next = [];
    for (const { key, via } of now) {
      const visibleFrom = folders(key);
      for (const name of packages.get(key) ?? []) {
        const found = resolved(visibleFrom, name);
        if (found === undefined || origins.has(found)) continue;
        origins.set(found, { direct: false, via });
        next.push({ key: found, via });
      }
    }
  }
  return origins;
}

/** The packages in one `node_modules`: name to key. */
type Modules = ReadonlyMap<string, string>;

/**
 * The `node_modules` that a package sees, the innermost first. They are looked up once for all names that a package
 * requires: the path of one may be long, and the names many.
 */
function foldersOf(keys: Iterable<string>): (from: string) => readonly Modules[] {
  const folders = new Map<string, Map<string, string>>();
  for (const key of keys) {
    const at = key.lastIndexOf(MODULES);
    if (at < 0) continue;
    const folder = key.slice(0, Math.max(0, at - 1));
    const inside = folders.get(folder) ?? new Map<string, string>();
    folders.set(folder, inside.set(key.slice(at + MODULES.length), key));
  }
  return (from) => {
    const seen: Modules[] = [];
    for (let folder = from; ; ) {
      const inside = folders.get(folder);
      if (inside) seen.push(inside);
      if (folder === '') return seen;
      const at = folder.lastIndexOf(MODULES);
      folder = at <= 0 ? '' : folder.slice(0, at - 1);
    }
  };
}

/** Node's resolution: the innermost `node_modules` with that name. */
function resolved(visibleFrom: readonly Modules[], name: string): string | undefined {
  return visibleFrom.find((inside) => inside.has(name))?.get(name);
}

/** npm allows 214 characters for a name, and file systems 4,096 for a path: nobody nests so deep by chance. */
const LONGEST_KEY = 1000;

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** The names that each package requires. Empty for lockfileVersion 1, and for text that is not a lock file. */
function packagesIn(text: string): Packages {
  const found = new Map<string, readonly string[]>();
  const packages = objectAt(parsed(text), 'packages') ?? {};
  const isShort = (text: string) => text.length <= LONGEST_KEY;
  for (const [key, value] of Object.entries(packages)) {
    if (!isShort(key)) continue;
    found.set(
      key,
      KINDS.flatMap((kind) => Object.keys(objectAt(value, kind) ?? {}).filter(isShort)),
    );
  }
  return found;
}

function objectAt(value: unknown, key: string): Record<string, unknown> | undefined {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : undefined;
}

/** Undefined for text that is not JSON: the file is only used to name a line. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
