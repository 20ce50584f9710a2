import { parsedJson } from '../../text/json.ts';
import { type Entry, linesOf } from './entry.ts';
import { type Origin, originsOf, type Required } from './origins.ts';
import { objectAt } from './package-json.ts';

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

type Packages = ReadonlyMap<string, readonly string[]>;

/** By key of `packages`. */
function originsIn(text: string): ReadonlyMap<string, Origin> {
  const packages = packagesIn(text);
  const folders = foldersOf(packages.keys());
  function* requires(key: string): Generator<Required> {
    const visibleFrom = folders(key);
    for (const name of packages.get(key) ?? []) {
      const found = resolved(visibleFrom, name);
      if (found !== undefined) yield [found, name];
    }
  }
  // The project itself, and its workspaces.
  const own = [...packages.keys()].filter((key) => !key.includes(MODULES));
  return originsOf(
    own.flatMap((key) => [...requires(key)]),
    requires,
  );
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
  const packages = objectAt(parsedJson(text), 'packages') ?? {};
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
