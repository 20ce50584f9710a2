import { groupBy } from '../../group-by.ts';
import { type Entry, linesOf } from './entry.ts';
import { originsOf, type Required } from './origins.ts';

const KINDS: readonly (string | undefined)[] = ['dependencies', 'devDependencies', 'optionalDependencies'];

/**
 * pnpm-lock.yaml of version 5 (`/lodash/4.17.20:`), 6 (`/lodash@4.17.20:`) and 9 (`lodash@4.17.20:`). What the project
 * requires is at the top or, for each of its workspaces, below `importers`.
 */
export function readPnpmLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  const direct: Required[] = [];
  const requires: (readonly [by: string, Required])[] = [];
  for (const { path, value, line } of nodesIn(text)) {
    const [top, second = '', kind, name = ''] = path;
    if (top !== 'packages' && top !== 'snapshots') {
      const required = directly(path, value);
      if (required) direct.push(required);
    } else if (path.length === 2) {
      const own = packageAt(second);
      if (own && top === 'packages' && value === '') entries.push({ ...own, line });
    } else if (path.length === 4 && KINDS.includes(kind)) {
      const own = packageAt(second);
      const required = packageFor(name, value);
      if (!own || !required) continue;
      requires.push([keyOf(own), [required, name]]);
    }
  }
  const requiredBy = groupBy(requires, ([by]) => by);
  const origins = originsOf(direct, (key) => (requiredBy.get(key) ?? []).map(([, required]) => required));
  return entries.map((entry) => ({ ...entry, ...origins.get(keyOf(entry)) }));
}

interface Package {
  readonly name: string;
  readonly version: string;
}

const keyOf = ({ name, version = '' }: Pick<Entry, 'name' | 'version'>) => `${name}@${version}`;

/** `dependencies: { express: 4.17.0 }`, or since version 6 `express: { specifier: ^4, version: 4.17.0 }`. */
function directly(path: readonly string[], value: string): Required | undefined {
  const [kind, name = '', field, ...deeper] = path[0] === 'importers' ? path.slice(2) : path;
  if (!KINDS.includes(kind) || deeper.length > 0 || (field !== undefined && field !== 'version')) return undefined;
  const key = packageFor(name, value);
  return key === undefined ? undefined : [key, name];
}

/** The key of a package that is required: a version, or for an alias the package itself. */
function packageFor(name: string, value: string): string | undefined {
  if (/^\d/.test(value)) return keyOf({ name, version: value.split(/[_(]/, 1)[0] });
  const aliased = packageAt(value);
  return aliased && keyOf(aliased);
}

/** A key of `packages`. Peers are left out: `(react@18.2.0)`; in version 5 `_react@18.2.0`. */
function packageAt(key: string): Package | undefined {
  const [bare = ''] = key.replace(/^\//, '').split('(', 1);
  const [, older, oldVersion] = /^((?:@[^/]+\/)?[^/@]+)\/(\d[^_/]*)/.exec(bare) ?? [];
  if (older !== undefined && oldVersion !== undefined) return { name: older, version: oldVersion };
  const at = bare.indexOf('@', 1);
  return at < 0 ? undefined : { name: bare.slice(0, at), version: bare.slice(at + 1) };
}

interface Node {
  /** Its key, and those that it is below. */
  readonly path: readonly string[];
  /** Empty for an object in the next lines. */
  readonly value: string;
  readonly line: number;
}

/** Maximum depth of the keys that are read: four, and two more for a workspace's dependency. */
const DEEPEST = 6;

/** The keys of a YAML file as pnpm writes it: indented by two spaces, one on a line. */
function* nodesIn(text: string): Generator<Node> {
  const path: string[] = [];
  for (const [line, content] of linesOf(text)) {
    const code = content.trimStart();
    const depth = (content.length - code.length) / 2;
    const [key, value = ''] = keyAndValue(code) ?? [];
    if (key === undefined || depth >= DEEPEST || depth > path.length || !Number.isInteger(depth)) continue;
    path.length = depth;
    path.push(key);
    yield { path: [...path], value: value.trim().replaceAll("'", ''), line };
  }
}

/** `'@babel/core': 7.1.2`, `express:` */
function keyAndValue(code: string): readonly [key: string, value: string] | undefined {
  if (/^[#-]/.test(code)) return undefined;
  const quote = code.startsWith("'") ? 1 : 0;
  const end = code.indexOf(quote ? "':" : ': ');
  if (end > 0) return [code.slice(quote, end), code.slice(end + 2)];
  return code.endsWith(':') ? [code.slice(0, -1), ''] : undefined;
}
