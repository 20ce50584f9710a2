import { groupBy } from '../../group-by.ts';
import { type Entry, linesOf } from './entry.ts';
import { originsOf, type Required } from './origins.ts';
import { requiredByPyproject } from './pyproject.ts';

interface Package {
  readonly name: string;
  readonly line: number;
  version?: string | undefined;
  /** It is the project, one of its workspaces, or a folder in it. */
  isOwn: boolean;
  /** `click`; or `libc 0.2.1`, if the file has several versions. */
  readonly requires: string[];
}

/** uv.lock: the project is one of the packages. */
export function readUvLock(text: string): readonly Entry[] {
  return entriesOf(packagesIn(text));
}

/** Cargo.lock: packages without a source are the project's own. */
export function readCargoLock(text: string): readonly Entry[] {
  return entriesOf(packagesIn(text, true));
}

/** poetry.lock and pdm.lock: the pyproject.toml beside it says what the project requires. */
export function readPythonLock(text: string, pyproject?: string): readonly Entry[] {
  return entriesOf(packagesIn(text), requiredByPyproject(pyproject));
}

/** @param direct names; default: those that the project's own packages require */
function entriesOf(packages: readonly Package[], direct?: readonly string[]): readonly Entry[] {
  const named = packages.flatMap(({ name, version }, at) =>
    [spelled(name), `${spelled(name)} ${version}`].map((key) => ({ key, required: [`${at}`, name] as const })),
  );
  const byName = groupBy(named, ({ key }) => key);
  // All packages of a name have their origin after the first look: none is visited twice, however many there are.
  const seen = new Set<string>();
  function* resolved(names: readonly string[]): Generator<Required> {
    for (const name of names) {
      const [bare = '', version] = name.split(' ');
      const key = version === undefined ? spelled(bare) : `${spelled(bare)} ${version}`;
      if (seen.has(key)) continue;
      seen.add(key);
      for (const { required } of byName.get(key) ?? []) yield required;
    }
  }
  const own = direct ?? packages.flatMap(({ isOwn, requires }) => (isOwn ? requires : []));
  const origins = originsOf(resolved(own), (key) => resolved(packages[Number(key)]?.requires ?? []));
  return packages.flatMap(({ name, version, line }, at) =>
    version === undefined ? [] : [{ name, version, line, ...origins.get(`${at}`) }],
  );
}

/** Names of Python packages have several spellings. crates.io allows one of them only. */
function spelled(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Lists of packages in the tables of a package. */
const LISTS = ['[package.optional-dependencies]', '[package.dev-dependencies]'];

/** `[[package]]` with `name` and `version`, each on its own line, and below them what it requires. */
function packagesIn(text: string, ownWithoutSource = false): readonly Package[] {
  const packages: Package[] = [];
  let current: Package | undefined;
  let [section, isList] = ['', false];
  for (const [line, content] of linesOf(text)) {
    if (content.startsWith('[')) {
      [section, isList] = [content, false];
      if (!section.startsWith('[package.')) current = undefined;
    }
    const isMain = section === '[[package]]';
    const [, key, value = ''] = (isMain && /^(name|version) = "([^"]+)"$/.exec(content)) || [];
    if (key === 'name') {
      current = { name: value, line, isOwn: ownWithoutSource, requires: [] };
      packages.push(current);
    }
    if (!current) continue;
    if (key === 'version') current.version ??= value;
    if (isMain && content.startsWith('source = ')) current.isOwn = /^source = \{ (?:virtual|editable) = /.test(content);
    // Poetry writes a table.
    const [, required] = section === '[package.dependencies]' ? (/^"?([\w.-]+)"? = /.exec(content) ?? []) : [];
    if (required !== undefined) current.requires.push(required);
    if (content.endsWith(' = [')) isList = isMain ? content === 'dependencies = [' : LISTS.includes(section);
    else if (content.startsWith(']')) isList = false;
    const item = isList ? requiredIn(content) : undefined;
    if (item !== undefined) current.requires.push(item);
  }
  return packages;
}

/** `{ name = "flask", version = "1.0" },` of uv, `"libc 0.2.1",` of Cargo, `"click>=5; …",` of PDM. */
function requiredIn(item: string): string | undefined {
  const [, name, version] = /^\s*\{ name = "([^"]+)"(?:, version = "([^"]+)")?/.exec(item) ?? [];
  if (name !== undefined) return version === undefined ? name : `${name} ${version}`;
  return /^\s*"([A-Za-z0-9][\w.-]*(?: \d[\w.+-]*)?)/.exec(item)?.[1];
}
