import type { ManifestDocument } from './document.ts';
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

/** An object of the cluster, in a file or as an item of a `List`. */
export interface ClusterObject {
  readonly kind: string;
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

/** The object of a document; all items of a `List`, which kubectl applies one by one. */
export function clusterObjects({ root }: Pick<ManifestDocument, 'root'>, onAlias?: OnAlias): ClusterObject[] {
  return objectsIn(root, '', onAlias);
}

function objectsIn(node: ManifestNode, prefix: string, onAlias?: OnAlias): ClusterObject[] {
  const map = mapIn(node, onAlias);
  const kind = map && textIn(valueUnder(map, 'kind', onAlias));
  const apiVersion = map && textIn(valueUnder(map, 'apiVersion', onAlias));
  if (!map || kind === undefined || apiVersion === undefined) return [];
  const items = kind.endsWith('List') ? listIn(valueUnder(map, 'items', onAlias), onAlias) : undefined;
  if (items) {
    return items.items.flatMap((item, at) => objectsIn(item, `${prefix}items[${at}].`, onAlias));
  }
  const name = textIn(valueAt(map, ['metadata', 'name'])) ?? '';
  return [{ kind, apiVersion, name, namespace: textIn(valueAt(map, ['metadata', 'namespace'])), map, prefix }];
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

/** API groups of these kinds; other groups have kinds of the same names with other contents. */
const GROUPS = /^(?:v1|(?:apps|batch|extensions)\/v[0-9a-z]+)$/;

/** The specification of pods of a workload; undefined for other objects. */
export function podSpecOf(owner: ClusterObject, onAlias?: OnAlias): PodSpec | undefined {
  const keys =
    GROUPS.test(owner.apiVersion) && Object.hasOwn(POD_SPECS, owner.kind) ? POD_SPECS[owner.kind] : undefined;
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
