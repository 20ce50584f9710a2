import type { Finder } from './found.ts';
import { isImageValue } from './helm.ts';
import { type ManifestNode, resolvedNode } from './node.ts';
import { type ClusterObject, isWorkloadVersion } from './workloads.ts';

/** The specification of a custom resource names images in fields that nothing here knows. */
export function noteUnreadImages({ map, kind, apiVersion, prefix }: ClusterObject, finder: Finder): void {
  if (isWorkloadVersion(apiVersion) || apiVersion.startsWith('kustomize.config.k8s.io/')) return;
  const found = imageIn(map, prefix, new Set());
  if (found) finder.note(found.node, found.path, `of the kind ${kind} is not checked: name its path in image-paths`);
}

interface Place {
  readonly node: ManifestNode;
  readonly path: string;
}

/** The first image below a node. */
function imageIn(node: ManifestNode, path: string, seen: Set<ManifestNode>): Place | undefined {
  const found = resolvedNode(node);
  if (found.kind === 'scalar') {
    // Values of a chart as YAML in a text.
    const key = path.split('.').at(-2) ?? '';
    const isText = key.toLowerCase().startsWith('values') && /image/i.test(found.text);
    return isText ? { node: found, path: path.slice(0, -1) } : undefined;
  }
  if (seen.has(found)) return undefined;
  seen.add(found);
  if (found.kind === 'list') {
    for (const [at, item] of found.items.entries()) {
      const inside = imageIn(item, `${path.replace(/\.$/, '')}[${at}].`, seen);
      if (inside) return inside;
    }
    return undefined;
  }
  for (const { key, value } of found.entries) {
    // The items of a list are objects of their own.
    if (key === undefined || (key === 'items' && seen.size === 1)) continue;
    const below = `${path}${key}`;
    if (/^image$|Image$/.test(key) && isImageValue(value)) return { node: value, path: below };
    const inside = imageIn(value, `${below}.`, seen);
    if (inside) return inside;
  }
  return undefined;
}
