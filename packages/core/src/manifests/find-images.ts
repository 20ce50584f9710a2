import { argoImages, noteSource } from './argo.ts';
import { chartImages } from './chart-objects.ts';
import { composeImages } from './compose.ts';
import { atPath } from './custom-paths.ts';
import type { ManifestDocument, ManifestFile } from './document.ts';
import { embeddedImages } from './embedded.ts';
import { formatOf, hasComposeKey, type ManifestFormat, maybeComposed } from './format.ts';
import { Finder, type FoundImage, type LeftImage } from './found.ts';
import { helmValues } from './helm.ts';
import type { ImagePath } from './image-paths.ts';
import { readConfiguration, readKustomization, readOverrides, setNames } from './kustomization.ts';
import { lookalikesIn } from './lookalikes.ts';
import { itemsOf, valueAt, valueUnder } from './node.ts';
import { type NamedFile, patchImages } from './patches.ts';
import { isContainerEntry, isContainerImage } from './replaceable.ts';
import { noteUnreadImages } from './unread.ts';
import { type ClusterObject, clusterObjects, containersOf, podSpecOf, waysToImages } from './workloads.ts';

export interface ImagesOfFile {
  readonly images: readonly FoundImage[];
  readonly left: readonly LeftImage[];
  /** Files that a kustomization or a Compose file names. */
  readonly namedFiles: readonly NamedFile[];
  /** Names of the images that a kustomization sets in the files that it names. */
  readonly setImages: readonly string[];
  /** Whether any document of the file is of a kind that can name images. */
  readonly isKnown: boolean;
}

/**
 * All images of a file that can be pinned in place, and those that cannot, with the reason.
 * @param as what other files name it as. A patch is an object with any kind, and only some of its fields
 */
export async function imagesOf(
  file: ManifestFile,
  paths: readonly ImagePath[],
  as: ReadonlySet<NamedFile['as']> = new Set(),
): Promise<ImagesOfFile> {
  const images: FoundImage[] = [];
  const left: LeftImage[] = [];
  const namedFiles: NamedFile[] = [];
  const setImages: string[] = [];
  let isKnown = false;
  const formats = file.documents.map(({ root }) => (as.has('compose') ? 'compose' : formatOf(root, file.name)));
  for (const [at, document] of file.documents.entries()) {
    const finder = new Finder();
    const objects = clusterObjects(document, finder.onAlias);
    const format = formatAmong(formats, at, document, objects);
    isKnown ||= format !== 'unknown' || objects.length > 0;
    for (const one of FIND[format](document, finder, paths) ?? []) namedFiles.push(one);
    // In each file: its name says nothing to kubectl.
    for (const object of objects) inObject(object, finder, paths);
    if (format === 'kustomize') for (const name of setNames(document.root)) setImages.push(name);
    if (as.has('patch') && format !== 'json-patch') patchImages(document.root, '', finder, paths);
    if (as.has('configuration')) readConfiguration(document.root, { finder, paths });
    if (format === 'unknown' && objects.length === 0) noteComposed(document, finder);
    for (const text of finder.texts.values()) {
      const find = (inner: ManifestFile) => (text.as === 'patch' ? imagesOfPatch(inner, paths) : imagesOfValues(inner));
      finder.take(await embeddedImages(file, text, find));
    }
    const found = finder.result();
    for (const image of found.images) {
      const isEntry = format === 'kustomize' && isContainerEntry(document.root, image);
      images.push({ ...image, isReplaceable: isEntry || isContainerImage(image) });
    }
    for (const one of found.left) left.push(one);
  }
  return { images, left, namedFiles, setImages, isKnown };
}

/** Compose merges all documents of a file: one that only includes others is known by those beside it. */
function formatAmong(
  formats: readonly ManifestFormat[],
  at: number,
  { root }: ManifestDocument,
  objects: readonly ClusterObject[],
): ManifestFormat {
  const own = formats[at] ?? 'unknown';
  if (own !== 'unknown' || objects.length > 0 || !formats.includes('compose')) return own;
  return hasComposeKey(root) ? 'compose' : own;
}

function noteComposed({ root }: ManifestDocument, finder: Finder): void {
  const found = maybeComposed(root);
  if (found) finder.note(found.value, found.key, 'is not read: if Compose reads this file, call it compose.yaml');
}

function imagesOfValues({ documents }: ManifestFile): Pick<ImagesOfFile, 'images' | 'left'> {
  const found = documents.map(({ root }) => {
    const finder = new Finder();
    helmValues(root, '', finder);
    return finder.result();
  });
  return { images: found.flatMap(({ images }) => images), left: found.flatMap(({ left }) => left) };
}

function imagesOfPatch(
  { documents }: ManifestFile,
  paths: readonly ImagePath[],
): Pick<ImagesOfFile, 'images' | 'left'> {
  const found = documents.map((document) => {
    const finder = new Finder();
    patchImages(document.root, '', finder, paths);
    // Like a file: it may be an object of Flux or Argo CD.
    for (const object of clusterObjects(document, finder.onAlias)) inObject(object, finder, paths);
    for (const { scalar, path, as } of finder.texts.values()) {
      if (as === 'values' && !/image/i.test(scalar.text) && !scalar.text.includes('\\')) continue;
      finder.leave(
        scalar,
        path,
        'is YAML in a patch that is a text itself, and is not read: write the patch as a file of its own',
      );
    }
    return finder.result();
  });
  return { images: found.flatMap(({ images }) => images), left: found.flatMap(({ left }) => left) };
}

type Find = (
  document: ManifestDocument,
  finder: Finder,
  paths: readonly ImagePath[],
) => readonly NamedFile[] | undefined;

const FIND: Readonly<Record<ManifestFormat, Find>> = {
  kubernetes: () => undefined,
  kustomize: ({ root }, finder, paths) => readKustomization(root, { finder, paths }),
  'json-patch': ({ root }, finder, paths) => {
    patchImages(root, '', finder, paths);
    return undefined;
  },
  'helm-values': ({ root }, finder) => {
    helmValues(root, '', finder);
    return undefined;
  },
  compose: ({ root }, finder) => composeImages(root, finder),
  unknown: () => undefined,
};

function inObject(object: ClusterObject, finder: Finder, paths: readonly ImagePath[]): void {
  const { kind, apiVersion, map, prefix } = object;
  const { onAlias } = finder;
  const at = (...keys: string[]) => valueAt(map, keys, onAlias);
  // The files that such an object names are in its source.
  const reading = { finder, paths, files: [] };
  for (const way of waysToImages(object)) {
    for (const { key, meant, value } of lookalikesIn(way.map, way.keys)) {
      finder.leave(value, `${way.path}${key}`, `is read by some programs as ${meant}: write it so, or remove it`);
    }
  }
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
  } else if (apiVersion.startsWith('helm.cattle.io/')) {
    chartImages(object, finder);
  } else if (apiVersion.startsWith('argoproj.io/') && /^Application(?:Set)?$/.test(kind)) {
    argoImages(object, reading);
  } else if (!paths.some(({ kind: wanted }) => wanted === kind)) noteUnreadImages(object, finder);
  for (const { kind: wanted, path } of paths) if (wanted === kind) atPath(map, path, prefix, finder);
}
