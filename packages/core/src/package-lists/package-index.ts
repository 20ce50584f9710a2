import { groupBy } from '../group-by.ts';
import type { ListedPackage, Located } from './listed.ts';

/** By key, then by identity. */
export type Packages = ReadonlyMap<string, ReadonlyMap<string, Located>>;

export function byName(packages: Packages): ReadonlyMap<string, readonly ListedPackage[]> {
  const all = [...packages.values()].flatMap((identities) => [...identities.values()]);
  return groupBy(
    all.map(({ listed }) => listed),
    ({ name }) => name,
  );
}

/** One package of one scope in one version. */
export function nameOf({ place, listed }: Located): string {
  return `${place.scope}\0${listed.key}\0${listed.identity}`;
}
