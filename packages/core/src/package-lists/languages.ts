/** Metadata that package managers of languages write beside installed packages, as Syft reads it. */
import { isRecord, parsedJson } from '../text/json.ts';
import { folded, inAnyCase, type ListedPackage } from './listed.ts';
import { isListOfTexts, isObjectOfTexts, isText, typedFields } from './typed-json.ts';

/** Syft reads these with Go's bufio.Scanner, which stops at a longer line. */
const LONGEST_LINE = 64 * 1024;

function one(key: string, name: string, version: string): readonly ListedPackage[] {
  return name === '' ? [] : [{ key, name, version, identity: `${name} ${version}` }];
}

/**
 * `METADATA` of a wheel, `PKG-INFO` of an egg (Core metadata specifications): headers up to an empty line. Syft decodes
 * them into a structure of its own, by names in any case and without hyphens; text in a field that has another type
 * there makes it drop the file.
 */
export function readPythonMetadata(content: Buffer): readonly ListedPackage[] {
  const fields = new Map<string, string>();
  let field = '';
  for (const full of content.toString('utf8').split('\n')) {
    const line = full.endsWith('\r') ? full.slice(0, -1) : full;
    if (line.length >= LONGEST_LINE || (line === '' && field !== '')) break;
    if (line.startsWith(' ')) {
      // A continuation without a field: Syft drops the file.
      if (field === '') return [];
      if (METADATA.has(folded(field))) fields.set(field, `${fields.get(field)}\n ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    field = line.slice(0, colon).trim().replaceAll('-', '');
    if (METADATA.has(folded(field))) fields.set(field, line.slice(colon + 1).trim());
  }
  if (NO_TEXT.some((name) => inAnyCase(fields, name) !== undefined)) return [];
  const [name = '', version = ''] = [inAnyCase(fields, 'Name'), inAnyCase(fields, 'Version')];
  // The interpreter itself, as old eggs call it.
  return name === 'Python' ? [] : one(pythonKey(name), name, version);
}

const NO_TEXT = ['Files', 'TopLevelPackages', 'DirectURLOrigin', 'DistInfoLocation'];
const METADATA = new Set(['Name', 'Version', ...NO_TEXT].map(folded));

/** PyPA, "Name normalization". */
function pythonKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** The `package.json` of a folder below `node_modules`. Scanners ignore one without a name or version. */
export function readPackageJson(content: Buffer): readonly ListedPackage[] {
  const { NAME: name, VERSION: version } = typedFields(parsedJson(content.toString('utf8')), PACKAGE_JSON) ?? {};
  return typeof name === 'string' && typeof version === 'string' && version !== '' ? one('', name, version) : [];
}

const PACKAGE_JSON = {
  NAME: isText,
  VERSION: isText,
  HOMEPAGE: isText,
  DESCRIPTION: isText,
  LATEST: isListOfTexts,
  DEPENDENCIES: isObjectOfTexts,
  DEVDEPENDENCIES: isObjectOfTexts,
  REPOSITORY: (value: unknown) => isText(value) || isObjectOfTexts(value),
  PRIVATE: (value: unknown) => typeof value === 'boolean',
};

/** `specifications/NAME-VERSION.gemspec`: the last quoted name and the last quoted version. */
export function readGemspec(content: Buffer): readonly ListedPackage[] {
  let [name, version] = ['', ''];
  for (const line of content.toString('utf8').split('\n')) {
    if (line.length >= LONGEST_LINE) break;
    name = quoted(line, '.name') ?? name;
    version = quoted(line, '.version') ?? version;
  }
  return version === '' ? [] : one('', name, version);
}

/** The quoted text in `s.name = "rack".freeze`: from the last such beginning to the last quote of the line. */
function quoted(line: string, attribute: string): string | undefined {
  const end = Math.max(line.lastIndexOf('"'), line.lastIndexOf("'"));
  for (let at = line.lastIndexOf(attribute); at >= 0; at = at === 0 ? -1 : line.lastIndexOf(attribute, at - 1)) {
    const value = at + attribute.length;
    const begin = /^\s*=\s*["']/.exec(line.slice(value, value + 200))?.[0].length ?? Number.POSITIVE_INFINITY;
    if (value + begin < end) return line.slice(value + begin, end);
  }
  return undefined;
}

/**
 * Composer 2 writes `{"packages": […]}`, Composer 1 the array alone. If Syft cannot read one package, it drops all of
 * them.
 */
export function readComposerInstalled(content: Buffer): readonly ListedPackage[] {
  const packages = composerPackages(content).map((one) => typedFields(one, COMPOSER));
  if (packages.includes(undefined)) return [];
  return packages.flatMap((fields) => {
    const { NAME: name, VERSION: version } = fields ?? {};
    return typeof name === 'string' && typeof version === 'string' ? one(name, name, version) : [];
  });
}

const COMPOSER = {
  NAME: isText,
  VERSION: isText,
  SOURCE: isRecord,
  DIST: isRecord,
  REQUIRE: isObjectOfTexts,
  PROVIDE: isObjectOfTexts,
  'REQUIRE-DEV': isObjectOfTexts,
  SUGGEST: isObjectOfTexts,
  LICENSE: isListOfTexts,
  TYPE: isText,
  'NOTIFICATION-URL': isText,
  BIN: isListOfTexts,
  AUTHORS: Array.isArray,
  DESCRIPTION: isText,
  HOMEPAGE: isText,
  KEYWORDS: isListOfTexts,
  TIME: isText,
};

/** The folder of each package, relative to the folder of `installed.json`; Composer 1 does not record it. */
export function composerFolders(content: Buffer): ReadonlyMap<string, string> {
  return new Map(
    composerPackages(content).flatMap((one) => {
      const { name, 'install-path': path } = isRecord(one) ? one : {};
      return typeof name === 'string' ? [[name, typeof path === 'string' ? path : `../${name}`] as const] : [];
    }),
  );
}

function composerPackages(content: Buffer): readonly unknown[] {
  const value = parsedJson(content.toString('utf8'));
  const list = Array.isArray(value) ? value : typedFields(value, { PACKAGES: Array.isArray })?.PACKAGES;
  return Array.isArray(list) ? list : [];
}

/** `conda-meta/NAME-VERSION-BUILD.json`. */
export function readCondaMeta(content: Buffer): readonly ListedPackage[] {
  const fields = typedFields(parsedJson(content.toString('utf8')), {
    NAME: isText,
    VERSION: isText,
    BUILD: isText,
    FILES: isListOfTexts,
  });
  const { NAME: name, VERSION: version } = fields ?? {};
  return typeof name === 'string' && typeof version === 'string' ? one(name, name, version) : [];
}

/** Paths relative to the environment's folder. */
export function condaFiles(content: Buffer): readonly string[] {
  const value = parsedJson(content.toString('utf8'));
  const files = isRecord(value) ? value.files : undefined;
  return Array.isArray(files) ? files.filter((file): file is string => typeof file === 'string') : [];
}

/** `RECORD`: path, checksum and size, as CSV. Bytecode is left out: interpreters write it and do not remove it. */
export function readRecord(content: Buffer): readonly string[] {
  return content
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => (line.startsWith('"') ? line.slice(1, line.indexOf('"', 1)) : line.split(',', 1)[0]) ?? '')
    .filter((path) => path !== '' && !path.endsWith('.pyc'));
}
