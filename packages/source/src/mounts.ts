import { type ManifestNode, mapIn, readManifestFile, textIn, valueUnder } from '@tidegate/core';

/** Files with the mounts of a container at run time. */
export function mayDeclareMounts(file: string): boolean {
  if (!/\.ya?ml$/.test(file)) return false;
  return (
    /(?:^|\/)(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/.test(file) ||
    /(?:^|\/)(?:k8s|kubernetes|deploy|manifests)\//.test(file)
  );
}

/**
 * Mount points in containers, from compose files (`volumes`, `tmpfs`) and Kubernetes (`mountPath`). None in a file that
 * cannot be read: the rules report it.
 */
export async function declaredMounts(text: string): Promise<string[]> {
  const file = await readManifestFile(Buffer.from(text), 'manifest').catch(() => undefined);
  const mounts: string[] = [];
  const waiting: ManifestNode[] = file?.documents.map(({ root }) => root) ?? [];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    // The node of an alias is visited at its own place.
    if (node.kind === 'list') for (const item of node.items) waiting.push(item);
    if (node.kind !== 'map') continue;
    for (const { key, value } of node.entries) {
      waiting.push(value);
      if (key === 'mountPath') mounts.push(textIn(value) ?? '');
      if ((key !== 'volumes' && key !== 'tmpfs') || value.kind !== 'list') continue;
      for (const item of value.items) {
        const volume = mapIn(item);
        mounts.push(volume ? (textIn(valueUnder(volume, 'target')) ?? '') : targetOf(textIn(item) ?? ''));
      }
    }
  }
  return mounts.filter((mount) => mount.startsWith('/'));
}

/** `source:/target:ro`, or `/target` alone. */
function targetOf(volume: string): string {
  const parts = volume.split(':').filter((part) => part.startsWith('/'));
  return (volume.startsWith('/') && volume.includes(':') ? parts[1] : parts[0]) ?? '';
}
