import { type Entry, linesOf, type Variable } from './entry.ts';

/** libs.versions.toml (Gradle): the libraries of a version catalog. */
export function readVersionCatalog(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [line, , value] of assignmentsIn(text, '[libraries]')) {
    const [, coordinates, short] = /^["']([\w.-]+:[\w.-]+)(?::([\w.+-]+))?["']/.exec(value) ?? [];
    const name = coordinates ?? fieldOf(value, /\bmodule *= *["']([\w.-]+:[\w.-]+)["']/) ?? groupAndName(value);
    if (name === undefined) continue;
    const reference = fieldOf(value, /\b(?:version\.)?ref *= *["']([\w.-]+)["']/);
    const version = short ?? (reference === undefined ? versionIn(value) : undefined);
    entries.push({ name, version, line, variable: reference === undefined ? undefined : [reference] });
  }
  return entries;
}

/** The versions with names of a version catalog. */
export function catalogVersions(text: string): readonly Variable[] {
  return [...assignmentsIn(text, '[versions]')].flatMap(([line, name, value]) => {
    const [, plain] = /^["']([\w.+-]+)["']/.exec(value) ?? [];
    const version = plain ?? versionIn(value);
    return version === undefined ? [] : [{ name, value: version, line }];
  });
}

function* assignmentsIn(
  text: string,
  section: string,
): Generator<readonly [line: number, name: string, value: string]> {
  let isIn = false;
  for (const [line, content] of linesOf(text)) {
    if (content.startsWith('[')) isIn = content === section;
    const [whole, name] = (isIn && /^\s*["']?([\w.-]+)["']? *= */.exec(content)) || [];
    if (whole !== undefined && name !== undefined) yield [line, name, content.slice(whole.length)];
  }
}

function groupAndName(value: string): string | undefined {
  const group = fieldOf(value, /\bgroup *= *["']([\w.-]+)["']/);
  const name = fieldOf(value, /\bname *= *["']([\w.-]+)["']/);
  return group === undefined || name === undefined ? undefined : `${group}:${name}`;
}

/** `version = "1.0"`, or in a rich version the preferred one. Ranges have other characters. */
function versionIn(value: string): string | undefined {
  return (
    fieldOf(value, /\bversion *= *["']([\w.+-]+)["']/) ??
    fieldOf(value, /\bprefer *= *["']([\w.+-]+)["']/) ??
    fieldOf(value, /\b(?:require|strictly) *= *["']([\w.+-]+)["']/)
  );
}

function fieldOf(value: string, pattern: RegExp): string | undefined {
  return pattern.exec(value)?.[1];
}
