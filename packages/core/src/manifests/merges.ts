import { type ManifestNode, MERGE_KEY, resolvedNode } from './node.ts';

/**
 * A key that is written before a merge key which sets it as well. YAML takes the first of them, and the parser of
 * kubectl (go-yaml, version 2) the second.
 */
export function lateMerge(root: ManifestNode): { readonly key: string; readonly line: number } | undefined {
  if (root.kind === 'list') return firstOf(root.items, lateMerge);
  if (root.kind !== 'map') return undefined;
  const at = root.entries.findIndex(({ key }) => key === MERGE_KEY);
  const merged = root.entries[at];
  if (merged && at > 0) {
    const keys = keysOf(merged.value);
    const twice = root.entries.slice(0, at).find(({ key }) => key !== undefined && keys.has(key));
    if (twice?.key !== undefined) return { key: twice.key, line: merged.line };
  }
  return firstOf(root.entries, ({ value }) => lateMerge(value));
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All keys of the mappings that a merge key names. */
function keysOf(merged: ManifestNode): Set<string> {
  const keys = new Set<string>();
  const waiting = [merged];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const node = resolvedNode(next);
    if (node.kind === 'list') for (const item of node.items) waiting.push(item);
    if (node.kind !== 'map') continue;
    for (const { key, value } of node.entries) {
      if (key === MERGE_KEY) waiting.push(value);
      else if (key !== undefined) keys.add(key);
    }
  }
  return keys;
}
