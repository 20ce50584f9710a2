import type { Entry } from './entry.ts';

/** Whether the project requires a package itself, or which of the packages that it requires does. */
export type Origin = Pick<Entry, 'direct' | 'via'>;

/** A package of a lock file, and the name by which another one requires it. */
export type Required = readonly [key: string, name: string];

/**
 * The origin of each package that the project needs, by key. Of several ways to a package the shortest counts. Every
 * package is visited once.
 * @param direct those that the project requires itself
 * @param requires those that a package requires
 */
export function originsOf(
  direct: Iterable<Required>,
  requires: (key: string) => Iterable<Required>,
): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  let next: Required[] = [];
  for (const [key, name] of direct) {
    if (origins.has(key)) continue;
    origins.set(key, { direct: true });
    next.push([key, name]);
  }
  while (next.length > 0) {
    const now = next;
    next = [];
    for (const [from, via] of now) {
      for (const [key] of requires(from)) {
        if (origins.has(key)) continue;
        origins.set(key, { direct: false, via });
        next.push([key, via]);
      }
    }
  }
  return origins;
}
