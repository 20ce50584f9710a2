import { lookalikesIn } from './lookalikes.ts';
import {
  listIn,
  type ManifestMap,
  type ManifestNode,
  mapIn,
  type OnAlias,
  textIn,
  valueAt,
  valueUnder,
} from './node.ts';

/** An object of the cluster, in a file or as an item of another object. */
export interface ClusterObject {
  readonly kind: string;
  /** Empty if it has none: without validation, kubectl takes the first version of the kind. */
  readonly apiVersion: string;
  /** Empty if it has none, such as with `generateName`. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly map: ManifestMap;
  /** Of the object in its document: empty, or `items[2].`. */
  readonly prefix: string;
}

/** A specification of pods, with the object that makes pods of it. */
export interface PodSpec {
  readonly owner: ClusterObject;
  readonly spec: ManifestMap;
  /** Its path in the document: `spec.template.spec`. */
  readonly path: string;
}

/** The three lists of containers of a pod. */
export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

export interface PodContainer {
  readonly pod: PodSpec;
  readonly list: (typeof CONTAINER_LISTS)[number];
  readonly name: string;
  readonly map: ManifestMap;
  /** `spec.template.spec.containers[0]` */
  readonly path: string;
}

/**
 * The object of a document, and the items of any object with `items`: kubectl applies these one by one, whatever kind the
 * object has (cli-runtime, FlattenListVisitor). An item without a kind or a version has those of the list: a `PodList`
 * has pods (apimachinery, unstructured, decodeToList).
 */
export function clusterObjects({ root }: { readonly root: ManifestNode }, onAlias?: OnAlias): ClusterObject[] {
  const items = listIn(root, onAlias)?.items;
  if (!items) return objectsIn(root, '', NO_LIST, onAlias);
  return items.flatMap((item, at) => objectsIn(item, `[${at}].`, NO_LIST, onAlias));
}

interface ItemType {
  readonly kind: string | undefined;
  readonly apiVersion: string | undefined;
}

const NO_LIST: ItemType = { kind: undefined, apiVersion: undefined };

function objectsIn(node: ManifestNode, prefix: string, item: ItemType, onAlias?: OnAlias): ClusterObject[] {
  const map = mapIn(node, onAlias);
  if (!map) return [];
  const kind = textIn(valueUnder(map, 'kind', onAlias)) ?? item.kind;
  const apiVersion = textIn(valueUnder(map, 'apiVersion', onAlias)) ?? item.apiVersion;
  const inside: ItemType = { kind: kind?.replace(/List$/, ''), apiVersion };
  const items = listIn(valueUnder(map, 'items', onAlias), onAlias)?.items ?? [];
  const found = items.flatMap((one, at) => objectsIn(one, `${prefix}items[${at}].`, inside, onAlias));
  // Its kind is in a key that the reader names, because another program may read it.
  const isHidden = kind === undefined && apiVersion !== undefined && lookalikesIn(map, ['kind']).length > 0;
  if (kind === undefined && !isHidden) return found;
  const name = textIn(valueAt(map, ['metadata', 'name'])) ?? '';
  const namespace = textIn(valueAt(map, ['metadata', 'namespace']));
  return [{ kind: kind ?? '', apiVersion: apiVersion ?? '', name, namespace, map, prefix }, ...found];
}

/** Where each kind has the specification of its pods. */
const POD_SPECS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** The ways to the specifications of pods. */
export const POD_PATHS: readonly (readonly string[])[] = Object.values(POD_SPECS);

export function isWorkload(kind: string): boolean {
  return Object.hasOwn(POD_SPECS, kind);
}

/** API groups of these kinds; other groups have kinds of the same names with other contents. */
const GROUPS = /^(?:|v1|(?:apps|batch|extensions)\/v[0-9a-z]+)$/;

export function isWorkloadVersion(apiVersion: string): boolean {
  return GROUPS.test(apiVersion);
}

/** The specification of pods of a workload; undefined for other objects. */
export function podSpecOf(owner: ClusterObject, onAlias?: OnAlias): PodSpec | undefined {
  const keys = isWorkloadVersion(owner.apiVersion) && isWorkload(owner.kind) ? POD_SPECS[owner.kind] : undefined;
  const spec = keys && mapIn(valueAt(owner.map, keys, onAlias), onAlias);
  return spec && keys && { owner, spec, path: `${owner.prefix}${keys.join('.')}` };
}

/** All containers of a pod, in the order in which they start. */
export function containersOf(pod: PodSpec, onAlias?: OnAlias): PodContainer[] {
  return CONTAINER_LISTS.flatMap((list) => {
    const items = listIn(valueUnder(pod.spec, list, onAlias), onAlias)?.items ?? [];
    return items.flatMap((item, at): PodContainer[] => {
      const map = mapIn(item, onAlias);
      if (!map) return [];
      return [{ pod, list, name: textIn(valueUnder(map, 'name')) ?? '', map, path: `${pod.path}.${list}[${at}]` }];
    });
  });
}

interface WayToImages {
  readonly map: ManifestMap;
  readonly path: string;
  readonly keys: readonly string[];
}

/** Every mapping on the way to the images of an object, with the keys that lead to them. */
export function waysToImages(object: ClusterObject): WayToImages[] {
  const { map, kind, prefix } = object;
  const ways: WayToImages[] = [{ map, path: prefix, keys: ROOT_KEYS }];
  const keys = isWorkloadVersion(object.apiVersion) && isWorkload(kind) ? (POD_SPECS[kind] ?? []) : [];
  const add = (node: ManifestNode | undefined, path: string, wanted: readonly string[]) => {
    const found = mapIn(node);
    if (found) ways.push({ map: found, path: `${path}.`, keys: wanted });
  };
  for (const [at] of keys.entries()) {
    const way = keys.slice(0, at + 1);
    add(valueAt(map, way), `${prefix}${way.join('.')}`, at + 1 < keys.length ? keys.slice(at + 1, at + 2) : POD_KEYS);
  }
  const spec = valueAt(map, keys);
  for (const list of keys.length > 0 ? POD_KEYS : []) {
    for (const [at, item] of (listIn(valueAt(spec, [list]))?.items ?? []).entries()) {
      const path = `${prefix}${keys.join('.')}.${list}[${at}]`;
      add(item, path, ['image']);
      if (list === 'volumes') add(valueAt(item, ['image']), `${path}.image`, ['reference']);
    }
  }
  return ways;
}

const ROOT_KEYS = ['apiVersion', 'kind', 'items', 'spec', 'template'];
const POD_KEYS = [...CONTAINER_LISTS, 'volumes'];
