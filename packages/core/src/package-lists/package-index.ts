import type { ListedPackage, Located } from './listed.ts';

/** By key, then by identity. */
export type Packages = ReadonlyMap<string, ReadonlyMap<string, Located>>;

export function byName(packages: Packages): ReadonlyMap<string, readonly ListedPackage[]> {
  const found = new Map<string, ListedPackage[]>();
  for (const identities of packages.values()) {
    for (const { listed } of identities.values()) {
      const same = found.get(listed.name);
      if (same) same.push(listed);
      else found.set(listed.name, [listed]);
    }
  }
  return found;
}

/** One package of one scope in one version. */
export function nameOf({ place, listed }: Located): string {
  return `${place.scope}\0${listed.key}\0${listed.identity}`;
}
