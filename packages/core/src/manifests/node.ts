/** Nodes of a YAML file with their places in its text. Every scalar is text: what a program reads in it differs. */
export type ManifestNode = ManifestScalar | ManifestMap | ManifestList | ManifestAlias;

interface Common {
  /** From 1. */
  readonly line: number;
  /** An explicit tag: `!reset`. */
  readonly tag: string | undefined;
  /** The node that contains this one; undefined for the root of a document. */
  readonly parent: ManifestMap | ManifestList | undefined;
  /** Aliases of this node elsewhere in the document. */
  readonly aliases: ManifestAlias[];
}

export interface ManifestScalar extends Common {
  readonly kind: 'scalar';
  /** The value as text: without quotes, with escapes resolved. */
  readonly text: string;
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** Written in several lines. */
  readonly isFolded: boolean;
  /** Offsets in the text of the file, quotes included; both are the same for a missing value. */
  readonly start: number;
  readonly end: number;
}

interface ManifestEntry {
  /** Undefined for a key that is not a scalar. */
  readonly key: string | undefined;
  readonly line: number;
  readonly value: ManifestNode;
}

export interface ManifestMap extends Common {
  readonly kind: 'map';
  readonly entries: ManifestEntry[];
}

export interface ManifestList extends Common {
  readonly kind: 'list';
  readonly items: ManifestNode[];
}

export interface ManifestAlias {
  readonly kind: 'alias';
  readonly line: number;
  readonly target: Exclude<ManifestNode, ManifestAlias>;
}

/** Called for every alias that is followed. */
export type OnAlias = (alias: ManifestAlias) => void;

type Resolved = Exclude<ManifestNode, ManifestAlias>;

/** The node itself, or that of its alias. */
export function resolvedNode(node: ManifestNode, onAlias?: OnAlias): Resolved {
  if (node.kind !== 'alias') return node;
  onAlias?.(node);
  return node.target;
}

export function mapIn(node: ManifestNode | undefined, onAlias?: OnAlias): ManifestMap | undefined {
  const found = node && resolvedNode(node, onAlias);
  return found?.kind === 'map' ? found : undefined;
}

export function listIn(node: ManifestNode | undefined, onAlias?: OnAlias): ManifestList | undefined {
  const found = node && resolvedNode(node, onAlias);
  return found?.kind === 'list' ? found : undefined;
}

/** The items of a list with their places in it; none for other nodes. */
export function itemsOf(node: ManifestNode | undefined, onAlias?: OnAlias): [number, ManifestNode][] {
  return [...(listIn(node, onAlias)?.items ?? []).entries()];
}

export function scalarIn(node: ManifestNode | undefined, onAlias?: OnAlias): ManifestScalar | undefined {
  const found = node && resolvedNode(node, onAlias);
  return found?.kind === 'scalar' ? found : undefined;
}

/** The text of a scalar. Undefined for other nodes, and for a value that is missing or null. */
export function textIn(node: ManifestNode | undefined, onAlias?: OnAlias): string | undefined {
  const scalar = scalarIn(node, onAlias);
  return scalar === undefined || isNull(scalar) ? undefined : scalar.text;
}

export function isNull({ style, text }: ManifestScalar): boolean {
  return style === 'plain' && /^(?:|~|null|Null|NULL)$/.test(text);
}

export const MERGE_KEY = '<<';

/**
 * The value of a key: of the mapping itself, else of those that it merges (`<<`), at any depth: the reader refuses
 * circles, and files that repeat too much.
 */
export function valueUnder(map: ManifestMap, key: string, onAlias?: OnAlias): ManifestNode | undefined {
  const own = map.entries.find((entry) => entry.key === key);
  if (own) return own.value;
  const merge = map.entries.find((entry) => entry.key === MERGE_KEY)?.value;
  if (!merge) return undefined;
  const sources = listIn(merge)?.items ?? [merge];
  for (const source of sources) {
    const followed: ManifestAlias[] = [];
    const merged = mapIn(source, (alias) => followed.push(alias));
    const value = merged && valueUnder(merged, key, (alias) => followed.push(alias));
    if (!value) continue;
    if (merge.kind === 'alias') onAlias?.(merge);
    for (const alias of followed) onAlias?.(alias);
    return value;
  }
  return undefined;
}

/** An entry of a mapping, or of one that it merges. */
interface MergedEntry {
  readonly key: string;
  readonly value: ManifestNode;
  /** Aliases on the way to the entry. */
  readonly via: readonly ManifestAlias[];
}

/** All entries of a mapping as `valueUnder` finds them: its own, then those of the mappings that it merges. */
export function entriesOf(map: ManifestMap): readonly MergedEntry[] {
  const found = new Map<string, MergedEntry>();
  const visit = (from: ManifestMap, via: readonly ManifestAlias[]): void => {
    for (const { key, value } of from.entries) {
      if (key !== undefined && key !== MERGE_KEY && !found.has(key)) found.set(key, { key, value, via });
    }
    const merge = from.entries.find(({ key }) => key === MERGE_KEY)?.value;
    for (const source of merge ? (listIn(merge)?.items ?? [merge]) : []) {
      const followed = merge?.kind === 'alias' && source !== merge ? [...via, merge] : [...via];
      const merged = mapIn(source, (alias) => followed.push(alias));
      if (merged) visit(merged, followed);
    }
  };
  visit(map, []);
  return [...found.values()];
}

/** The value at a path of keys: `spec`, `template`. */
export function valueAt(
  node: ManifestNode | undefined,
  path: readonly string[],
  onAlias?: OnAlias,
): ManifestNode | undefined {
  let at = node;
  for (const key of path) {
    const map = mapIn(at, onAlias);
    at = map && valueUnder(map, key, onAlias);
  }
  return at;
}
