import type { DeclaringFile } from './declared-in.ts';
import { formatOf } from './formats.ts';
import type { Entry } from './readers/entry.ts';
import { variablesIn } from './variables.ts';

/** A package, and the file that has its version. */
export interface Named extends Entry {
  readonly type: string;
  readonly path: string;
  /** The file is made by a tool from another one. */
  readonly generated: boolean;
}

/**
 * The files to read for packages of these types, those nearest to the top first, each with its companion.
 * @param paths of the commit's files, with slashes
 */
export function declaringPaths(paths: readonly string[], types: ReadonlySet<string>, most: number): readonly string[] {
  const all = new Set(paths);
  const wanted = new Set<string>();
  const declaring = paths
    .filter((path) => types.has(formatOf(path)?.type ?? ''))
    .toSorted((a, b) => a.split('/').length - b.split('/').length);
  for (const path of declaring) {
    if (wanted.size >= most) break;
    wanted.add(path);
    const companion = companionOf(path);
    if (companion !== undefined && all.has(companion) && wanted.size < most) wanted.add(companion);
  }
  return [...wanted];
}

/** Several times what the largest monorepos name: more entries only fill the memory. */
const MOST_ENTRIES = 200_000;

/**
 * All packages that the files name. Where a version is a variable, the file and line are those of its value.
 * @returns none if the files have more than `most` packages or variables
 */
export function entriesIn(files: readonly DeclaringFile[], most = MOST_ENTRIES): readonly Named[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const variables = variablesIn(files, most);
  if (!variables) return [];
  const named: Named[] = [];
  for (const { path, text } of files) {
    const format = formatOf(path);
    if (!format) continue;
    const { type, generated = false } = format;
    const find = variables(path);
    const entries = format.read(text, texts.get(companionOf(path) ?? ''));
    if (named.length + entries.length > most) return [];
    for (const entry of entries) {
      const value = entry.version === undefined ? find(entry.variable ?? []) : undefined;
      const place = value ? { path: value.path, line: value.line, version: value.value } : { path };
      named.push({ ...entry, ...place, type, generated });
    }
  }
  return named;
}

function companionOf(path: string): string | undefined {
  const companion = formatOf(path)?.companion;
  return companion === undefined ? undefined : `${path.slice(0, path.lastIndexOf('/') + 1)}${companion}`;
}
