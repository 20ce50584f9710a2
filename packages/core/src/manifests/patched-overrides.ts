/** Patches of values with which Flux, Argo CD and k3s change images when they deploy something. */
import { OVERRIDES } from './field-paths.ts';
import type { Finder } from './found.ts';
import { type ManifestNode, resolvedNode, textIn, valueAt } from './node.ts';

const WHY = 'can set an image of Flux, Argo CD or a HelmChart: write it in the file of the object';

/**
 * Leave the values of a patch that is no such object itself: its target decides what it changes, and may
 * be one. Those of such an object are read like the object.
 */
export function leaveOverrides(root: ManifestNode, path: string, finder: Finder): void {
  const type = `${textIn(valueAt(root, ['apiVersion'])) ?? ''} ${textIn(valueAt(root, ['kind'])) ?? ''}`;
  const ways = new Map(OVERRIDES.flatMap((one) => one.ways.map((way) => [way.join('.'), way])));
  for (const { of, ways: own } of OVERRIDES) if (of.test(type)) for (const way of own) ways.delete(way.join('.'));
  for (const [name, way] of ways) {
    const value = valueAt(root, way);
    if (value && maySetImage(way, value)) finder.leave(value, `${path === '' ? '' : `${path}.`}${name}`, WHY);
  }
}

interface Operation {
  /** Where the value is put: `spec`, `values`, `image`. */
  readonly keys: readonly string[];
  /** Undefined if it is removed: without its digest, an image is that of its tag. */
  readonly value: ManifestNode | undefined;
  readonly item: ManifestNode;
}

/** The same for an operation (RFC 6902), which does not say what it changes. */
export function leaveOverridesOf({ keys, value, item }: Operation, path: string, finder: Finder): void {
  const ways = OVERRIDES.flatMap((overrides) => overrides.ways);
  const isLeft = ways.some((way) => {
    if (!way.every((key, at) => at >= keys.length || keys[at] === key)) return false;
    const inside = value && valueAt(value, way.slice(keys.length));
    if (keys.length < way.length) return inside !== undefined && maySetImage(way, inside);
    return maySetImage(keys, inside);
  });
  if (isLeft) finder.leave(value ?? item, path, WHY);
}

/** Whether a value is or contains one of an image. The name of a parameter may be in another file. */
function maySetImage(keys: readonly string[], value: ManifestNode | undefined): boolean {
  return keys.some((key) => /image|^parameters$/i.test(key)) || (value !== undefined && namesImage(value, new Set()));
}

/** A text may be YAML, or the name of a parameter. */
function namesImage(node: ManifestNode, seen: Set<ManifestNode>): boolean {
  const found = resolvedNode(node);
  if (found.kind === 'scalar') return /image/i.test(found.text);
  if (seen.has(found)) return false;
  seen.add(found);
  if (found.kind === 'list') return found.items.some((item) => namesImage(item, seen));
  return found.entries.some(({ key, value }) => /image/i.test(key ?? '') || namesImage(value, seen));
}
