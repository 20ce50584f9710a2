import type { DeclaringFile } from './declared-in.ts';
import { formatOf } from './formats.ts';
import type { Variable } from './readers/entry.ts';

interface Placed extends Variable {
  readonly path: string;
}

/**
 * Finds the value of a variable: in the same file, otherwise in the nearest folder above, as Gradle and Maven do for the
 * modules of a project, otherwise in the file with the shortest path, which a script may apply.
 * @returns for the path of a file, a function that takes the names that a variable may have; undefined if the files have
 * more than `most` variables
 */
export function variablesIn(
  files: readonly DeclaringFile[],
  most: number,
): ((path: string) => (names: readonly string[]) => Placed | undefined) | undefined {
  // The first definition in each file: a name has no more of them than there are files.
  const byKind = new Map<string, Map<string, Map<string, Placed>>>();
  let count = 0;
  for (const { path, text } of files) {
    const variables = formatOf(path)?.variables;
    if (!variables) continue;
    const byName = byKind.get(variables.kind) ?? new Map<string, Map<string, Placed>>();
    byKind.set(variables.kind, byName);
    const found = variables.read(text);
    count += found.length;
    if (count > most) return undefined;
    for (const one of found) {
      const byPath = byName.get(one.name) ?? new Map<string, Placed>();
      byName.set(one.name, byPath);
      if (!byPath.has(path)) byPath.set(path, { ...one, path });
    }
  }
  return (path) => {
    const byName = byKind.get(formatOf(path)?.variables?.kind ?? '');
    const known = new Map<string, Placed | undefined>();
    const nearest = (name: string) => {
      if (!known.has(name)) known.set(name, nearestTo(path, byName?.get(name) ?? new Map()));
      return known.get(name);
    };
    return (names) => names.map(nearest).find((found) => found !== undefined);
  };
}

function nearestTo(path: string, byPath: ReadonlyMap<string, Placed>): Placed | undefined {
  const same = byPath.get(path);
  if (same) return same;
  const [nearest] = [...byPath.values()].toSorted(
    (a, b) => distance(path, a.path) - distance(path, b.path) || (a.path < b.path ? -1 : 1),
  );
  return nearest;
}

/** More than any folder is deep: a path in git has at most 4,096 characters. */
const FAR = 10_000;

function distance(from: string, to: string): number {
  const folder = to.slice(0, to.lastIndexOf('/') + 1);
  const depth = folder.split('/').length;
  return from.startsWith(folder) ? from.split('/').length - depth : FAR + depth;
}
