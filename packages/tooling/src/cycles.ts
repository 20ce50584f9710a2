import { join } from 'node:path';
import type { SourceFacts } from './imports.ts';

/**
 * Files that import each other, over any number of steps. Type imports count, too: they are erased, but two files that
 * use each other's types cannot be read one before the other, and without the word `type` the order of loading would
 * decide whether they work.
 * @returns one sentence for each cycle with no file in an earlier sentence, with its path
 */
export function importCycles(files: ReadonlyMap<string, SourceFacts>): string[] {
  const next = new Map<string, readonly string[]>();
  for (const [path, { imports }] of files) {
    const near = imports.filter(({ from }) => from.startsWith('.')).map(({ from }) => join(path, '..', from));
    next.set(path, [...new Set(near)].filter((target) => files.has(target)).sort());
  }
  const complaints: string[] = [];
  const told = new Set<string>();
  for (const path of [...next.keys()].sort()) {
    const way = told.has(path) ? undefined : wayBack(path, next);
    if (!way) continue;
    for (const each of way) told.add(each);
    const [first = path, second = path] = way;
    const { line } = files.get(first)?.imports.find(({ from }) => join(first, '..', from) === second) ?? { line: 1 };
    complaints.push(
      `${first}:${line} is in a cycle of imports: ${[...way, first].join(' → ')}. Move what they share to its own file`,
    );
  }
  return complaints;
}

/** The shortest path from a file to itself. */
function wayBack(start: string, next: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const target of next.get(way.at(-1) ?? start) ?? []) {
        if (target === start) return way;
        if (seen.has(target)) continue;
        seen.add(target);
        longer.push([...way, target]);
      }
    }
    ways = longer;
  }
  return undefined;
}
