import { entriesOf, itemsOf, listIn, type ManifestNode, mapIn, textIn, valueAt, valueUnder } from './node.ts';
import { clusterObjects } from './workloads.ts';

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
  if (base.includes('compose') && hasComposeKey(root)) return 'compose';
  if (isValues(base)) return 'helm-values';
  return hasServices(root) ? 'compose' : 'unknown';
}

/** Keys with images, models, or files that have some. */
const COMPOSE_KEYS = ['services', 'jobs', 'include', 'models'];

/** Whether a document of a file that Compose reads, or of one that is called so, can name images. */
export function hasComposeKey(root: ManifestNode): boolean {
  return COMPOSE_KEYS.some((key) => valueAt(root, [key]));
}

const OTHER_COMPOSE_KEYS = [...COMPOSE_KEYS, 'version', 'name', 'networks', 'volumes', 'configs', 'secrets'];

/**
 * The files or models that a document names, if it can be one of Compose: it has no services, and the file has another
 * name. Other programs have `include` as well.
 */
export function maybeComposed(root: ManifestNode): { readonly key: string; readonly value: ManifestNode } | undefined {
  const map = mapIn(root);
  const entries = map ? entriesOf(map) : [];
  if (!entries.every(({ key }) => OTHER_COMPOSE_KEYS.includes(key) || key.startsWith('x-'))) return undefined;
  return entries.find(({ key, value }) => {
    if (key === 'include') return itemsOf(value).some(([, item]) => isFiles(valueAt(item, ['path']) ?? item));
    const models = key === 'models' ? mapIn(value) : undefined;
    return models !== undefined && entriesOf(models).some(({ value: model }) => valueAt(model, ['model']));
  });
}

/**
 * Whether Compose reads a document, whose parser differs from that of kubectl and Helm. A document with objects of the
 * cluster, an `apiVersion`, or the name of another format is read as strictly as these need.
 */
export function isCompose(root: ManifestNode, name: string): boolean {
  const isObject = valueAt(root, ['apiVersion']) !== undefined || clusterObjects({ root }).length > 0;
  return formatOf(root, name) === 'compose' && !isObject;
}

function isFiles(node: ManifestNode): boolean {
  return textIn(node) !== undefined || listIn(node) !== undefined;
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
