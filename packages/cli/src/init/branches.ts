import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';

/**
 * Branches from which a workflow pushed images, besides the default one; `every branch` for a push without a list. Tidegate
 * publishes from the default branch and from git tags.
 */
export function otherBranches(root: YAMLMap, defaultBranch: string): readonly string[] {
  // YAML 1.1 reads the key `on` as true.
  const on: unknown = root.get('on', true) ?? root.get(true as unknown as string, true);
  if (isScalar(on)) return on.value === 'push' ? [EVERY] : [];
  if (isSeq(on)) return on.items.some((item) => isScalar(item) && item.value === 'push') ? [EVERY] : [];
  if (!isMap(on) || !on.has('push')) return [];
  const push: unknown = on.get('push', true);
  if (!isMap(push)) return [EVERY];
  const branches: unknown = push.get('branches', true);
  // Only tags: no branch is published.
  if (!branches) return push.has('tags') ? [] : [EVERY];
  const names = isSeq(branches) ? branches.items : [branches];
  return names.flatMap((one) => {
    const name = isScalar(one) ? String(one.value) : '';
    return name === '' || name === defaultBranch || name.startsWith('!') ? [] : [name];
  });
}

const EVERY = 'every branch';
