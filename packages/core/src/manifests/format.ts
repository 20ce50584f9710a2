import { listIn, type ManifestNode, mapIn, textIn, valueAt, valueUnder } from './node.ts';

/** How the images of a document are found. Objects of the cluster are looked for in each. */
export type ManifestFormat = 'kubernetes' | 'kustomize' | 'helm-values' | 'compose' | 'json-patch' | 'unknown';

export function formatOf(root: ManifestNode, name: string): ManifestFormat {
  const map = mapIn(root);
  if (!map) return isJsonPatch(root) ? 'json-patch' : 'unknown';
  const base = baseOf(name);
  const apiVersion = textIn(valueUnder(map, 'apiVersion'));
  // Before the name: kubectl applies every object of a folder, whatever its file is called.
  if (apiVersion !== undefined && valueUnder(map, 'kind')) {
    return apiVersion.startsWith('kustomize.config.k8s.io/') ? 'kustomize' : 'kubernetes';
  }
  if (/^kustomization(?:\.ya?ml)?$/.test(base)) return 'kustomize';
  if (base.includes('compose') && COMPOSE_KEYS.some((key) => valueUnder(map, key))) return 'compose';
  if (isValues(base)) return 'helm-values';
  return hasServices(root) ? 'compose' : 'unknown';
}

const COMPOSE_KEYS = ['services', 'jobs', 'include'];

/**
 * Whether Compose reads a document, whose parser differs from that of kubectl and Helm. A file with an `apiVersion` or
 * with the name of another format is read as strictly as these need.
 */
export function isCompose(root: ManifestNode, name: string): boolean {
  return formatOf(root, name) === 'compose' && valueAt(root, ['apiVersion']) === undefined;
}

/** Whether a document is a list of operations (RFC 6902). */
export function isJsonPatch(root: ManifestNode): boolean {
  const items = listIn(root)?.items ?? [];
  return (
    items.length > 0 && items.every((item) => ['op', 'path'].every((key) => textIn(valueAt(item, [key])) !== undefined))
  );
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}

function isValues(base: string): boolean {
  return /(?:^|[-._])values(?:[-._]|$)/.test(base);
}

function hasServices(root: ManifestNode): boolean {
  return mapIn(valueAt(root, ['services'])) !== undefined;
}
