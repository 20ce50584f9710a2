import { atPath, imageParts } from './custom-paths.ts';
import type { ManifestDocument, ManifestFile } from './document.ts';
import { embeddedImages } from './embedded.ts';
import { Finder, type FoundImage, type LeftImage } from './found.ts';
import type { ImagePath } from './image-paths.ts';
import { readKustomization, readOverrides, setNames } from './kustomization.ts';
import {
  listIn,
  type ManifestNode,
  mapIn,
  type OnAlias,
  resolvedNode,
  scalarIn,
  textIn,
  valueAt,
  valueUnder,
} from './node.ts';
import { addFile, isJsonPatch, type KustomizationReading, type NamedFile, patchImages } from './patches.ts';
import { isContainerEntry, isContainerImage } from './replaceable.ts';
import { type ClusterObject, clusterObjects, containersOf, podSpecOf } from './workloads.ts';

/** How the images of a document are found. */
type ManifestFormat = 'kubernetes' | 'kustomize' | 'helm-values' | 'compose' | 'json-patch' | 'unknown';

export interface ImagesOfFile {
  readonly images: readonly FoundImage[];
  readonly left: readonly LeftImage[];
  /** Files that a kustomization names. */
  readonly namedFiles: readonly NamedFile[];
  /** Names of the images that a kustomization sets in the files that it names. */
  readonly setImages: readonly string[];
  /** Whether any document of the file is of a kind that can name images. */
  readonly isKnown: boolean;
}

/**
 * All images of a file that can be pinned in place, and those that cannot, with the reason.
 * @param isPatch of a kustomization: an object with any kind, and only some of its fields
 */
export async function imagesOf(
  file: ManifestFile,
  paths: readonly ImagePath[],
  isPatch = false,
): Promise<ImagesOfFile> {
  const images: FoundImage[] = [];
  const left: LeftImage[] = [];
  const namedFiles: NamedFile[] = [];
  const setImages: string[] = [];
  let isKnown = false;
  for (const document of file.documents) {
    const finder = new Finder();
    const format = formatOf(document, file.name);
    isKnown ||= format !== 'unknown';
    for (const one of FIND[format](document, finder, paths) ?? []) namedFiles.push(one);
    if (format === 'kustomize') for (const name of setNames(document.root)) setImages.push(name);
    if (isPatch) patchImages(document.root, '', finder, paths);
    const patchOf = (text: ManifestFile) => imagesOfPatch(text, paths);
    for (const text of finder.texts.values()) finder.take(await embeddedImages(file, text, patchOf));
    const found = finder.result();
    for (const image of found.images) {
      const isEntry = format === 'kustomize' && isContainerEntry(document.root, image);
      images.push({ ...image, isReplaceable: isEntry || isContainerImage(image) });
    }
    for (const one of found.left) left.push(one);
  }
  return { images, left, namedFiles, setImages, isKnown };
}

function imagesOfPatch(
  { documents }: ManifestFile,
  paths: readonly ImagePath[],
): Pick<ImagesOfFile, 'images' | 'left'> {
  const found = documents.map(({ root }) => {
    const finder = new Finder();
    patchImages(root, '', finder, paths);
    return finder.result();
  });
  return { images: found.flatMap(({ images }) => images), left: found.flatMap(({ left }) => left) };
}

function formatOf({ root }: ManifestDocument, name: string): ManifestFormat {
  const map = mapIn(root);
  if (!map) return isJsonPatch(root) ? 'json-patch' : 'unknown';
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const apiVersion = textIn(valueUnder(map, 'apiVersion'));
  // Before the name: kubectl applies every object of a folder, whatever its file is called.
  if (apiVersion !== undefined && valueUnder(map, 'kind')) {
    return apiVersion.startsWith('kustomize.config.k8s.io/') ? 'kustomize' : 'kubernetes';
  }
  if (/^kustomization(?:\.ya?ml)?$/.test(base)) return 'kustomize';
  if (base.includes('compose') && mapIn(valueUnder(map, 'services'))) return 'compose';
  if (/(?:^|[-._])values(?:[-._]|$)/.test(base)) return 'helm-values';
  return mapIn(valueUnder(map, 'services')) ? 'compose' : 'unknown';
}

type Find = (
  document: ManifestDocument,
  finder: Finder,
  paths: readonly ImagePath[],
) => readonly NamedFile[] | undefined;

const FIND: Readonly<Record<ManifestFormat, Find>> = {
  kubernetes: (document, finder, paths) => {
    for (const object of clusterObjects(document, finder.onAlias)) inObject(object, finder, paths);
    return undefined;
  },
  kustomize: ({ root }, finder, paths) => readKustomization(root, { finder, paths }),
  'json-patch': ({ root }, finder, paths) => {
    patchImages(root, '', finder, paths);
    return undefined;
  },
  'helm-values': ({ root }, finder) => {
    helmValues(root, '', finder);
    return undefined;
  },
  compose: ({ root }, finder) => {
    const files: NamedFile[] = [];
    for (const [at, item] of itemsOf(valueAt(root, ['include'], finder.onAlias), finder.onAlias)) {
      const named = mapIn(item, finder.onAlias) ? valueAt(item, ['path'], finder.onAlias) : item;
      const list = named && listIn(named, finder.onAlias)?.items;
      for (const one of list ?? [named]) addFile(one, `include[${at}]`, 'resource', { finder, files });
    }
    const services = mapIn(valueAt(root, ['services'], finder.onAlias), finder.onAlias);
    for (const { key, value } of services?.entries ?? []) {
      const service = mapIn(value, finder.onAlias);
      if (key === undefined || !service) continue;
      const extended = valueAt(service, ['extends', 'file'], finder.onAlias);
      addFile(extended, `services.${key}.extends.file`, 'resource', { finder, files });
      for (const [at, volume] of itemsOf(valueUnder(service, 'volumes', finder.onAlias), finder.onAlias)) {
        if (textIn(valueAt(volume, ['type'])) !== 'image') continue;
        finder.reference(valueAt(volume, ['source'], finder.onAlias), `services.${key}.volumes[${at}].source`);
      }
      const image = valueUnder(service, 'image', finder.onAlias);
      // An image that is built here is in no registry yet.
      if (!valueUnder(service, 'build', finder.onAlias)) finder.reference(image, `services.${key}.image`);
    }
    return files;
  },
  unknown: () => undefined,
};

function inObject(object: ClusterObject, finder: Finder, paths: readonly ImagePath[]): void {
  const { kind, apiVersion, map, prefix } = object;
  const { onAlias } = finder;
  const at = (...keys: string[]) => valueAt(map, keys, onAlias);
  // The files that such an object names are in its source.
  const reading = { finder, paths, files: [] };
  const pod = podSpecOf(object, onAlias);
  if (pod) {
    for (const container of containersOf(pod, onAlias)) {
      finder.reference(valueUnder(container.map, 'image', onAlias), `${container.path}.image`);
    }
    for (const [index, volume] of itemsOf(valueUnder(pod.spec, 'volumes', onAlias), onAlias)) {
      const reference = valueAt(volume, ['image', 'reference'], onAlias);
      finder.reference(reference, `${pod.path}.volumes[${index}].image.reference`);
    }
  } else if (apiVersion.startsWith('kustomize.toolkit.fluxcd.io/')) {
    readOverrides(at('spec'), `${prefix}spec.`, reading);
    noteSource(at('spec', 'sourceRef'), `${prefix}spec.sourceRef`, finder);
  } else if (apiVersion.startsWith('helm.toolkit.fluxcd.io/')) {
    helmValues(at('spec', 'values'), `${prefix}spec.values`, finder);
    for (const [index, item] of itemsOf(at('spec', 'postRenderers'), onAlias)) {
      readOverrides(valueAt(item, ['kustomize'], onAlias), `${prefix}spec.postRenderers[${index}].kustomize.`, reading);
    }
    for (const key of ['chart', 'chartRef', 'valuesFrom']) noteSource(at('spec', key), `${prefix}spec.${key}`, finder);
  } else if (apiVersion.startsWith('argoproj.io/') && /^Application(?:Set)?$/.test(kind)) {
    const spec = kind === 'Application' ? ['spec'] : ['spec', 'template', 'spec'];
    argoSource(at(...spec, 'source'), `${prefix}${spec.join('.')}.source`, reading);
    for (const [index, source] of itemsOf(at(...spec, 'sources'), onAlias)) {
      argoSource(source, `${prefix}${spec.join('.')}.sources[${index}]`, reading);
    }
  }
  for (const { kind: wanted, path } of paths) if (wanted === kind) atPath(map, path, prefix, finder);
}

/** A chart, a repository or an object of the cluster: its images are not in the file. */
function noteSource(node: ManifestNode | undefined, path: string, finder: Finder): void {
  if (node) finder.note(node, path, 'is in another place: its images are not read');
}

function itemsOf(node: ManifestNode | undefined, onAlias: OnAlias): [number, ManifestNode][] {
  return [...(listIn(node, onAlias)?.items ?? []).entries()];
}

/** A tag or a digest alone belongs to a repository in another file. */
const IMAGE_PARTS = ['repository', 'tag', 'digest'];

/** Values of Helm charts: every `image`, and every key that ends in `Image`, at any depth, also of dependencies. */
function helmValues(root: ManifestNode | undefined, top: string, finder: Finder): void {
  const seen = new Set<ManifestNode>();
  const visit = (node: ManifestNode, path: string): void => {
    const found = resolvedNode(node, finder.onAlias);
    if (found.kind === 'scalar' || seen.has(found)) return;
    seen.add(found);
    if (found.kind === 'list') {
      for (const [at, item] of found.items.entries()) visit(item, `${path}[${at}]`);
      return;
    }
    for (const { key, value } of found.entries) {
      if (key === undefined) continue;
      const below = path === '' ? key : `${path}.${key}`;
      const inside = mapIn(value, finder.onAlias);
      if (!/^image$|Image$/.test(key)) visit(value, below);
      else if (!inside) helmImage(value, below, finder);
      else if (IMAGE_PARTS.some((part) => valueUnder(inside, part, finder.onAlias))) imageParts(inside, below, finder);
      else visit(value, below);
    }
  };
  if (root) visit(root, top);
}

/** A text below `image` is a reference if it has a tag, a digest or a registry; else it is a name for another value. */
function helmImage(node: ManifestNode, path: string, finder: Finder): void {
  const text = textIn(node, finder.onAlias);
  if (text === undefined || text === '') return;
  if (/[:@/]/.test(text)) {
    finder.reference(node, path);
    return;
  }
  finder.leave(scalarIn(node), path, 'has no tag here: the tag is another value of the chart');
}

/** Its `images` are texts. */
const ARGO_PATCHES = ['patches', 'patchesJson6902', 'patchesStrategicMerge'] as const;

/** A source of an Argo CD application: overrides of Kustomize, and values and parameters of Helm. */
function argoSource(source: ManifestNode | undefined, path: string, reading: KustomizationReading): void {
  const { finder } = reading;
  const { onAlias } = finder;
  // A source without both has only values.
  for (const key of ['chart', 'path']) noteSource(valueAt(source, [key], onAlias), `${path}.${key}`, finder);
  for (const [index, item] of itemsOf(valueAt(source, ['kustomize', 'images'], onAlias), onAlias)) {
    finder.override(item, `${path}.kustomize.images[${index}]`);
  }
  readOverrides(valueAt(source, ['kustomize'], onAlias), `${path}.kustomize.`, reading, ARGO_PATCHES);
  helmValues(valueAt(source, ['helm', 'valuesObject'], onAlias), `${path}.helm.valuesObject`, finder);
  const values = valueAt(source, ['helm', 'values'], onAlias);
  if (values && /image/i.test(textIn(values) ?? '')) {
    finder.leave(values, `${path}.helm.values`, 'is YAML in a text: write it as helm.valuesObject');
  }
  helmParameters(valueAt(source, ['helm', 'parameters'], onAlias), `${path}.helm.parameters`, finder);
}

/** `image.repository` and `image.tag` as parameters, or `image` with the whole reference. */
function helmParameters(node: ManifestNode | undefined, path: string, finder: Finder): void {
  const { onAlias } = finder;
  const values = new Map<string, ManifestNode>();
  for (const [, item] of itemsOf(node, onAlias)) {
    const name = textIn(valueAt(item, ['name'], onAlias));
    const value = valueAt(item, ['value'], onAlias);
    if (name !== undefined && value) values.set(name, value);
  }
  for (const [name, value] of values) {
    if (/(?:^|\.)image$|Image$/.test(name)) helmImage(value, `${path}.${name}`, finder);
    const [, image = ''] = /^(.*)\.tag$/.exec(name) ?? [];
    if (image === '' || !/(?:^|\.)image$|Image$/.test(image)) continue;
    const repository = textIn(values.get(`${image}.repository`), onAlias);
    const registry = textIn(values.get(`${image}.registry`), onAlias);
    if (repository === undefined) finder.leave(value, `${path}.${name}`, 'has no repository beside it');
    else {
      const full = registry ? `${registry}/${repository}` : repository;
      finder.parts(full, value, values.get(`${image}.digest`), `${path}.${image}`);
    }
  }
}
