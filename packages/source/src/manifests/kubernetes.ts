import { clipped } from '@tidegate/core';
import type { ManifestContainer, Mount, User } from './container.ts';
import type { YamlMap } from './yaml-map.ts';

/**
 * Keys on the way to a pod: `spec.template.spec` of a Deployment, `spec.jobTemplate…` of a CronJob, `items` of a List,
 * and those of many custom resources. Patterns in policies (`validate`) and schemas of custom resources are not on it.
 */
const ON_THE_WAY = /^(?:items|spec|template|[A-Za-z]{1,40}(?:Specs?|Templates?|Jobs))$/;
const DEEPEST = 12;
const MOST_PODS = 200;

interface Pod {
  readonly owner: string;
  readonly spec: YamlMap;
}

/** The containers of all pods that a document describes; one that aliases repeat counts once. */
export function* kubernetesContainers(document: YamlMap): Generator<ManifestContainer> {
  const seen = new Set<object>();
  for (const { owner, spec } of podsIn(document)) {
    const volumes = volumesOf(spec);
    for (const name of ['initContainers', 'containers']) {
      for (const container of spec.maps(name)) {
        if (seen.has(container.identity)) continue;
        seen.add(container.identity);
        yield containerOf(container, spec, volumes, owner, name === 'initContainers');
      }
    }
  }
}

function podsIn(document: YamlMap): Pod[] {
  const pods: Pod[] = [];
  const seen = new Set<object>();
  const waiting: { map: YamlMap; owner: string; depth: number }[] = [{ map: document, owner: '', depth: 0 }];
  for (let next = waiting.pop(); next && pods.length < MOST_PODS; next = waiting.pop()) {
    const { map, depth } = next;
    if (seen.has(map.identity) || depth > DEEPEST) continue;
    seen.add(map.identity);
    const owner = ownerOf(map) ?? next.owner;
    // Without a kind it is another file with the same words, such as the values of a chart.
    if (owner !== '' && map.maps('containers').length > 0) pods.push({ owner, spec: map });
    const below = map.names
      .filter((name) => ON_THE_WAY.test(name))
      .flatMap((name) => [map.map(name), ...map.maps(name)]);
    for (const one of below.reverse()) if (one) waiting.push({ map: one, owner, depth: depth + 1 });
  }
  return pods;
}

function ownerOf(map: YamlMap): string | undefined {
  const kind = map.text('kind')?.text;
  if (kind === undefined || map.text('apiVersion') === undefined) return undefined;
  const name = map.map('metadata')?.text('name')?.text;
  return clipped(name === undefined ? kind : `${kind} ${name}`);
}

type Volume = Pick<Mount, 'storage' | 'shown'> & { readonly isWritable: boolean };

const GIVEN = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'];

function volumesOf(spec: YamlMap): ReadonlyMap<string, Volume> {
  return new Map(
    spec.maps('volumes').map((volume): [string, Volume] => {
      const name = volume.text('name')?.text ?? '';
      const has = (kind: string) => volume.has(kind);
      if (has('hostPath')) {
        const path = volume.map('hostPath')?.text('path')?.text ?? '';
        return [name, { storage: 'host', shown: `the folder ${clipped(path)} of the node`, isWritable: true }];
      }
      if (has('emptyDir')) return [name, { storage: 'lost', shown: 'an emptyDir', isWritable: true }];
      if (has('ephemeral')) return [name, { storage: 'lost', shown: 'an ephemeral volume', isWritable: true }];
      if (GIVEN.some(has)) return [name, { storage: 'given', shown: 'configuration', isWritable: false }];
      return [name, KEPT];
    }),
  );
}

/** A claim. One that is not listed is a template of the StatefulSet's claims. */
const KEPT: Volume = { storage: 'kept', shown: 'a volume', isWritable: true };

function containerOf(
  container: YamlMap,
  pod: YamlMap,
  volumes: ReadonlyMap<string, Volume>,
  owner: string,
  isInit: boolean,
): ManifestContainer {
  const name = container.text('name')?.text ?? '';
  const security = container.map('securityContext');
  const image = container.text('image');
  const pull = container.text('imagePullPolicy');
  const variables = container.maps('env').flatMap((one) => {
    const value = one.text('value');
    return value ? [{ name: one.text('name')?.text ?? '', ...value }] : [];
  });
  const words = [...container.items('command'), ...container.items('args')];
  return {
    format: 'kubernetes',
    shown: `The container ${clipped(name)} of ${owner}`,
    line: container.line,
    isInit,
    isPatch: image === undefined,
    isWindows: isWindows(pod),
    image,
    isBuilt: false,
    pull: pull && { ...pull, text: pull.text.toLowerCase() },
    isReadOnly: security?.isTrue('readOnlyRootFilesystem') ?? false,
    user: userOf(security, pod.map('securityContext')),
    mounts: container.maps('volumeMounts').map((mount) => mountOf(mount, volumes)),
    words: words.flatMap(({ text, line }) => (text === undefined ? [] : [{ text, line }])),
    variables,
    hasMemoryLimit: [container, pod].some((one) => one.map('resources')?.map('limits')?.has('memory')),
  };
}

function isWindows(pod: YamlMap): boolean {
  return [pod.map('os')?.text('name'), pod.map('nodeSelector')?.text('kubernetes.io/os')].some(
    (one) => one?.text === 'windows',
  );
}

/** Settings of the container override those of the pod, each on its own. */
function userOf(container: YamlMap | undefined, pod: YamlMap | undefined): User {
  const setting = (name: string) => container?.text(name) ?? pod?.text(name);
  const user = setting('runAsUser');
  if (user?.text === '0') return { kind: 'root', how: 'sets runAsUser to 0', line: user.line };
  const nonRoot = setting('runAsNonRoot');
  if (user || nonRoot?.text === 'true') return { kind: 'other' };
  return nonRoot?.text === 'false'
    ? { kind: 'root', how: 'sets runAsNonRoot to false', line: nonRoot.line }
    : { kind: 'unset' };
}

function mountOf(mount: YamlMap, volumes: ReadonlyMap<string, Volume>): Mount {
  const volume = volumes.get(mount.text('name')?.text ?? '') ?? KEPT;
  const path = mount.text('mountPath');
  return {
    ...volume,
    path: path?.text ?? '',
    line: path?.line ?? mount.line,
    isWritable: volume.isWritable && !mount.isTrue('readOnly'),
  };
}
