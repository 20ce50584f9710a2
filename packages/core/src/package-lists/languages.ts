/** What package managers of languages leave beside what they install, as Syft reads it. */
import type { ListedPackage } from './listed.ts';

/** Go's bufio.Scanner, which Syft reads these with, ends at a longer line. */
const LONGEST_LINE = 64 * 1024;

function one(key: string, name: string, version: string): readonly ListedPackage[] {
  return name === '' ? [] : [{ key, name, version, identity: `${name} ${version}` }];
}

/** `METADATA` of a wheel, `PKG-INFO` of an egg (Core metadata specifications): headers up to an empty line. */
export function readPythonMetadata(content: Buffer): readonly ListedPackage[] {
  let [name, version, started] = ['', '', false];
  for (const full of content.toString('utf8').split('\n')) {
    const line = full.endsWith('\r') ? full.slice(0, -1) : full;
    if (line.length >= LONGEST_LINE) break;
    if (line === '') {
      if (started) break;
      continue;
    }
    if (line.startsWith(' ')) {
      // A continuation of nothing: Syft drops the file.
      if (!started) return [];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    started = true;
    const field = line.slice(0, colon).trim();
    if (field === 'Name') name = line.slice(colon + 1).trim();
    else if (field === 'Version') version = line.slice(colon + 1).trim();
  }
  return one(pythonKey(name), name, version);
}

/** PyPA, "Name normalization". */
function pythonKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** The `package.json` of a folder below `node_modules`. Without a name and a version it is no package to a scanner. */
export function readPackageJson(content: Buffer): readonly ListedPackage[] {
  const fields = foldedFields(parsed(content));
  if (!fields || !Object.entries(PACKAGE_JSON).every(([name, fits]) => isAbsent(fields[name]) || fits(fields[name]))) {
    return [];
  }
  const { NAME: name, VERSION: version } = fields;
  return typeof name === 'string' && typeof version === 'string' && version !== '' ? one('', name, version) : [];
}

const isText = (value: unknown) => typeof value === 'string';
const isListOfTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isObjectOfTexts = (value: unknown) =>
  isObject(value) && Object.values(value).every((each) => isAbsent(each) || isText(each));

/** Fields whose type Syft insists on: another one makes it drop the file, and so hides the package. */
const PACKAGE_JSON: Readonly<Record<string, (value: unknown) => boolean>> = {
  NAME: isText,
  VERSION: isText,
  HOMEPAGE: isText,
  DESCRIPTION: isText,
  LATEST: isListOfTexts,
  DEPENDENCIES: isObjectOfTexts,
  DEVDEPENDENCIES: isObjectOfTexts,
  REPOSITORY: (value) => isText(value) || isObjectOfTexts(value),
  PRIVATE: (value) => typeof value === 'boolean',
};

/** Go's encoding/json takes names in any case. Undefined where two of one name say different things. */
function foldedFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) return undefined;
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, each] of Object.entries(value)) {
    const folded = name.toUpperCase();
    if (folded in PACKAGE_JSON && folded in fields) return undefined;
    fields[folded] = each;
  }
  return fields;
}

/** `specifications/NAME-VERSION.gemspec`: the last name and the last version that stand in quotes. */
export function readGemspec(content: Buffer): readonly ListedPackage[] {
  let [name, version] = ['', ''];
  for (const line of content.toString('utf8').split('\n')) {
    if (line.length >= LONGEST_LINE) break;
    name = quoted(line, '.name') ?? name;
    version = quoted(line, '.version') ?? version;
  }
  return version === '' ? [] : one('', name, version);
}

/** The text in quotes of `s.name = "rack".freeze`: from the last such beginning to the last quote of the line. */
function quoted(line: string, attribute: string): string | undefined {
  const end = Math.max(line.lastIndexOf('"'), line.lastIndexOf("'"));
  for (let at = line.lastIndexOf(attribute); at >= 0; at = at === 0 ? -1 : line.lastIndexOf(attribute, at - 1)) {
    const value = at + attribute.length;
    const begin = /^\s{0,99}=\s{0,99}["']/.exec(line.slice(value, value + 200))?.[0].length ?? Number.POSITIVE_INFINITY;
    if (value + begin < end) return line.slice(value + begin, end);
  }
  return undefined;
}

/** Composer 2 writes `{"packages": […]}`, Composer 1 the array alone. */
export function readComposerInstalled(content: Buffer): readonly ListedPackage[] {
  return composerPackages(content).flatMap(({ name, version }) =>
    typeof name === 'string' && typeof version === 'string' ? one(name, name, version) : [],
  );
}

/** Where each package lies, relative to the folder of `installed.json`; Composer 1 does not say it. */
export function composerFolders(content: Buffer): ReadonlyMap<string, string> {
  return new Map(
    composerPackages(content).flatMap(({ name, 'install-path': path }) =>
      typeof name === 'string' ? [[name, typeof path === 'string' ? path : `../${name}`] as const] : [],
    ),
  );
}

function composerPackages(content: Buffer): readonly Readonly<Record<string, unknown>>[] {
  const value = parsed(content);
  const list = Array.isArray(value) ? value : fieldsOf(value).packages;
  return Array.isArray(list) ? list.map(fieldsOf) : [];
}

/** `conda-meta/NAME-VERSION-BUILD.json`. */
export function readCondaMeta(content: Buffer): readonly ListedPackage[] {
  const { name, version } = fieldsOf(parsed(content));
  return typeof name === 'string' && typeof version === 'string' ? one(name, name, version) : [];
}

/** Relative to the environment's folder. */
export function condaFiles(content: Buffer): readonly string[] {
  const { files } = fieldsOf(parsed(content));
  return Array.isArray(files) ? files.filter((file): file is string => typeof file === 'string') : [];
}

/** `RECORD`: path, checksum and size, as CSV. Bytecode is left out: interpreters write and leave it. */
export function readRecord(content: Buffer): readonly string[] {
  return content
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => (line.startsWith('"') ? line.slice(1, line.indexOf('"', 1)) : line.split(',', 1)[0]) ?? '')
    .filter((path) => path !== '' && !path.endsWith('.pyc'));
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    // A scanner reads nothing of it either.
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
