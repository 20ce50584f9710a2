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
  const origins = new Map<string, Origin>();
  let next: { readonly key: string; readonly via: string }[] = [];
  for (const [key, names] of packages) {
    // The project itself, and its workspaces.
    if (key.includes(MODULES)) continue;
    for (const name of names) {
      const found = resolved(packages, key, name);
      if (found === undefined || origins.has(found)) continue;
      origins.set(found, { direct: true });
      next.push({ key: found, via: name });
    }
  }
  while (next.length > 0) {
    const now = next;
    next = [];
    for (const { key, via } of now) {
      for (const name of packages.get(key) ?? []) {
        const found = resolved(packages, key, name);
        if (found === undefined || origins.has(found)) continue;
        origins.set(found, { direct: false, via });
        next.push({ key: found, via });
      }
    }
  }
  return origins;
}

/** Node's resolution: the innermost `node_modules` with that name. */
function resolved(packages: Packages, from: string, name: string): string | undefined {
  for (let folder = from; ; ) {
    const key = folder === '' ? `${MODULES}${name}` : `${folder}/${MODULES}${name}`;
    if (packages.has(key)) return key;
    if (folder === '') return undefined;
    const at = folder.lastIndexOf(MODULES);
    folder = at <= 0 ? '' : folder.slice(0, at - 1);
  }
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** The names that each package requires. Empty for lockfileVersion 1, and for text that is not a lock file. */
function packagesIn(text: string): Packages {
  const found = new Map<string, readonly string[]>();
  const packages = objectAt(parsed(text), 'packages') ?? {};
  for (const [key, value] of Object.entries(packages)) {
    found.set(
      key,
      KINDS.flatMap((kind) => Object.keys(objectAt(value, kind) ?? {})),
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
