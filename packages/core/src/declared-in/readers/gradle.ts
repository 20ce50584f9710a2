import { type Entry, linesOf, type Variable } from './entry.ts';

const COMMENT = /^\s*(?:\/\/|#|\*)/;

/** `group:name:1.0`, `group:name:$version`, `group:name:${property("version")}` and `'group:name:' + version`. */
const COORDINATES =
  /(?<![\w.:-])([A-Za-z][\w.-]*):([A-Za-z][\w.-]*)(?::(?:([\w.+-]+)|\$\{?(?:[\w.]*[[(]["'])?([\w.-]+)|["'] *\+ *([A-Za-z][\w.]*)))?(?![\w.:-])/g;

/** build.gradle, build.gradle.kts, other scripts, and gradle.lockfile. */
export function readGradle(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [line, content] of linesOf(text)) {
    if (COMMENT.test(content)) continue;
    for (const [, group, artifact, version, variable, added] of content.matchAll(COORDINATES)) {
      entries.push({ name: `${group}:${artifact}`, line, ...versionOf(version, variable ?? added) });
    }
    const group = /\bgroup *[:=] *["']([\w.-]+)["']/.exec(content)?.[1];
    const artifact = group && /\bname *[:=] *["']([\w.-]+)["']/.exec(content)?.[1];
    if (artifact) entries.push({ name: `${group}:${artifact}`, line, ...namedVersion(content) });
  }
  return entries;
}

/** `group: 'a', name: 'b', version: '1.0'`, and the same with `=` in Kotlin. */
function namedVersion(content: string): Pick<Entry, 'version' | 'variable'> {
  const [, quoted] = /\bversion *[:=] *["']([\w.+-]+)["']/.exec(content) ?? [];
  const [, reference] = /\bversion *[:=] *["']?\$?\{?([A-Za-z][\w.]*)/.exec(content) ?? [];
  return versionOf(quoted, quoted === undefined ? reference : undefined);
}

function versionOf(version: string | undefined, reference: string | undefined): Pick<Entry, 'version' | 'variable'> {
  return { version: exact(version), variable: reference === undefined ? undefined : namesOf(reference) };
}

/** Not for `1.+` and `latest.release`. */
function exact(version: string | undefined): string | undefined {
  return version === undefined || /\+$|^latest\./.test(version) ? undefined : version;
}

/** `jacksonVersion = '2.15'` in any block, `extra["jackson"] = "2.15"`, `by extra("2.15")`, `set('jackson', '2.15')`, `jackson: '2.15'`. */
const DEFINITION = /(?<![\w.-])([A-Za-z][\w.-]*)["']?\]? *(?:[:=,]|by extra\() *["']([\w.+-]+)["']/g;

/** The versions with names in a script. */
export function gradleVariables(text: string): readonly Variable[] {
  const variables: Variable[] = [];
  for (const [line, content] of linesOf(text)) {
    if (COMMENT.test(content)) continue;
    for (const [, name = '', value = ''] of content.matchAll(DEFINITION)) {
      variables.push({ name: withoutOwner(name), value, line });
    }
  }
  return variables;
}

/** gradle.properties: `jacksonVersion=2.15` */
export function gradleProperties(text: string): readonly Variable[] {
  const variables: Variable[] = [];
  for (const [line, content] of linesOf(text)) {
    const [, name, value] = /^\s*([A-Za-z][\w.-]*)\s*[=:]\s*([\w.+-]+)$/.exec(content) ?? [];
    if (name !== undefined && value !== undefined) variables.push({ name, value, line });
  }
  return variables;
}

const OWNERS = ['rootProject', 'project', 'ext', 'extra', 'properties'];

/** `rootProject.ext.versions.jackson` → `versions.jackson` */
function withoutOwner(name: string): string {
  const parts = name.split('.');
  const first = parts.findIndex((part) => !OWNERS.includes(part));
  return first <= 0 ? name : parts.slice(first).join('.');
}

/** A map has its values without its own name: `versions = [jackson: '2.15']`. */
function namesOf(reference: string): readonly string[] {
  const name = withoutOwner(reference);
  const last = name.split('.').at(-1) ?? '';
  return name === last || last === '' ? [name] : [name, last];
}
