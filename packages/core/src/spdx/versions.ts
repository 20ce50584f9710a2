import { groupBy } from '../group-by.ts';
import { LICENSES } from './ids.ts';
import type { License } from './parse.ts';

/** An identifier with a version: `GPL` `2.0`, `CC-BY-NC-SA` `3.0` `-DE`. */
interface Versioned {
  readonly id: string;
  readonly family: string;
  readonly version: readonly number[];
}

function versioned(id: string): Versioned | undefined {
  const at = id.slice(1).search(/-\d/) + 1;
  const [, version, rest] = /^(\d+(?:\.\d+)*)(.*)/s.exec(id.slice(at + 1)) ?? [];
  if (at === 0 || version === undefined) return undefined;
  const name = id.slice(0, at);
  return { id, family: `${name} ${rest}`, version: version.split('.').map(Number) };
}

/** Licences of the GNU family have `-only` or `-or-later`; identifiers without either are deprecated. */
const SAY_WHICH = new Set(LICENSES.flatMap((id) => (id.endsWith('-only') ? [id.slice(0, -'-only'.length)] : [])));
const BARE = new Set(LICENSES.map((id) => id.replace(/-(only|or-later)$/, '')));
const FAMILIES = groupBy(
  [...BARE].flatMap((id) => versioned(id) ?? []),
  ({ family }) => family,
);

/**
 * The versions that a licence offers, each separately: for `GPL-2.0-or-later`, GPL-2.0 and every later one of the SPDX
 * list.
 */
export function versionsOf(license: License): readonly License[] {
  const own = license.orLater ? versioned(license.id) : undefined;
  const later = own
    ? (FAMILIES.get(own.family) ?? []).filter(({ id, version }) => id !== own.id && isLater(version, own.version))
    : [];
  return [license.id, ...later.map(({ id }) => id)].map((id) => ({ ...license, id, orLater: false }));
}

function isLater(a: readonly number[], b: readonly number[]): boolean {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** The current spelling of the SPDX list. */
export function spelled({ id, orLater, exception }: License): string {
  const suffix = SAY_WHICH.has(id) ? (orLater ? '-or-later' : '-only') : orLater ? '+' : '';
  return `${id}${suffix}${exception ? ` WITH ${exception}` : ''}`;
}
