import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { YAML_OPTIONS } from './yaml.ts';

/** Files with the mounts of a container at run time. */
export function mayDeclareMounts(file: string): boolean {
  if (!/\.ya?ml$/.test(file)) return false;
  return (
    /(?:^|\/)(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/.test(file) ||
    /(?:^|\/)(?:k8s|kubernetes|deploy|manifests)\//.test(file)
  );
}

/** Mount points in containers, from compose files (`volumes`, `tmpfs`) and Kubernetes (`mountPath`). */
export function declaredMounts(text: string): string[] {
  const mounts: string[] = [];
  if ((text.match(/[[{]/g)?.length ?? 0) > 5000) return mounts;
  const waiting: unknown[] = [];
  for (const document of parseAllDocuments(text, YAML_OPTIONS))
    if ('contents' in document) waiting.push(document.contents);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isSeq(node)) for (const item of node.items) waiting.push(item);
    if (!isMap(node)) continue;
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      waiting.push(value ?? null);
      if (name === 'mountPath' && isScalar(value)) mounts.push(String(value.value));
      if ((name !== 'volumes' && name !== 'tmpfs') || !isSeq(value)) continue;
      for (const item of value.items) {
        const target = isMap(item) ? item.get('target') : isScalar(item) ? targetOf(String(item.value)) : undefined;
        if (typeof target === 'string') mounts.push(target);
      }
    }
  }
  return mounts.filter((mount) => mount.startsWith('/'));
}

/** `source:/target:ro`, or `/target` alone. */
function targetOf(volume: string): string | undefined {
  const parts = volume.split(':').filter((part) => part.startsWith('/'));
  return volume.startsWith('/') && volume.includes(':') ? parts[1] : parts[0];
}
