import { entriesOf, type ManifestMap, type ManifestNode } from './node.ts';

/**
 * A key as Go compares it where the case does not matter: ſ (U+017F) is an s, and K (U+212A) is a k (encoding/json,
 * foldName).
 */
export function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

/** A key that some programs read as another one: `Image`, `imageſ`. */
interface Lookalike {
  readonly key: string;
  readonly meant: string;
  readonly value: ManifestNode;
}

/** @param keys those that are read, exactly as they are written */
export function lookalikesIn(map: ManifestMap, keys: readonly string[]): readonly Lookalike[] {
  return entriesOf(map).flatMap(({ key, value }) => {
    const meant = keys.find((one) => folded(one) === folded(key));
    return meant === undefined || meant === key ? [] : [{ key, meant, value }];
  });
}
