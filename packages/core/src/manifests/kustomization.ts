import { mayLabelImage, mayReplaceImage } from './field-paths.ts';
import type { Finder } from './found.ts';
import type { ImagePath } from './image-paths.ts';
import { folded, lookalikesIn } from './lookalikes.ts';
import { entriesOf, itemsOf, listIn, type ManifestNode, mapIn, textIn, valueAt, valueUnder } from './node.ts';
import { addFile, type KustomizationReading, type NamedFile, readMergePatches, readPatches } from './patches.ts';

type Read = (value: ManifestNode, path: string, reading: KustomizationReading) => void;

/**
 * How each key of a kustomization is read. All other keys are left alone: no image is taken from them, because
 * kustomize sets none with them.
 */
const READERS = {
  images: readImages,
  patches: readPatches,
  patchesJson6902: readPatches,
  patchesStrategicMerge: readMergePatches,
  resources: readResources,
  components: readResources,
  bases: readResources,
  replacements: readReplacements,
  labels: readLabels,
  configurations: readConfigurations,
  crds: (value, path, { finder }) => {
    if (!isEmptyList(value)) finder.note(value, path, 'are not read, and can make labels and annotations set an image');
  },
  vars: (value, path, { finder }) => {
    if (!isEmptyList(value)) finder.note(value, path, 'are not read, and can be a part of an image: use replacements');
  },
  // The effect of these on images is known only when kustomize runs.
  imageTags: unread('is the old name of images: write images'),
  transformers: unread('can change images, and is not read: use images'),
  generators: unread('can make objects with images, and is not read'),
  helmCharts: unread('makes objects with images, and is not read: render the chart and pin the result'),
  helmChartInflationGenerator: unread(
    'makes objects with images, and is not read: render the chart and pin the result',
  ),
} as const satisfies Readonly<Record<string, Read>>;

type Key = keyof typeof READERS;
/** Kustomize reads other cases of a key as well. */
const KEYS: ReadonlyMap<string, Key> = new Map(
  Object.keys(READERS).map((key): [string, Key] => [folded(key), key as Key]),
);
/** These are never read as they are, so that their case says nothing. */
const IN_ANY_CASE: ReadonlySet<Key> = new Set<Key>([
  ...(['replacements', 'vars', 'imageTags', 'transformers', 'generators'] as const),
  ...(['helmCharts', 'helmChartInflationGenerator'] as const),
]);
/** Lists whose items are mappings, and keys of these. */
const WITH_ITEMS: ReadonlySet<Key> = new Set<Key>(['images', 'patches', 'patchesJson6902', 'patchesStrategicMerge']);
const OF_ITEMS = ['name', 'newName', 'newTag', 'digest', 'patch', 'path', 'target', 'options'];

/** Find the images of a kustomization. @returns the files that it names */
export function readKustomization(
  root: ManifestNode | undefined,
  { finder, paths }: Pick<KustomizationReading, 'finder' | 'paths'>,
): readonly NamedFile[] {
  const files: NamedFile[] = [];
  const map = mapIn(root, finder.onAlias);
  for (const { key, value, via } of map ? entriesOf(map) : []) {
    const meant = KEYS.get(folded(key));
    if (meant === undefined) continue;
    for (const alias of via) finder.onAlias(alias);
    if (meant !== key && !IN_ANY_CASE.has(meant)) {
      finder.leave(value, key, `is read by kustomize as ${meant}: write it so`);
      continue;
    }
    if (WITH_ITEMS.has(meant)) leaveOtherCases(value, key, finder);
    READERS[meant](value, key, { finder, paths, files });
  }
  return files;
}

/** `images` and patches, as objects of Flux and Argo CD have them. The cluster reads the keys as they are. */
export function readOverrides(
  node: ManifestNode | undefined,
  prefix: string,
  reading: KustomizationReading,
  keys: Iterable<Key> = WITH_ITEMS,
): void {
  const { onAlias } = reading.finder;
  for (const key of keys) {
    const value = valueAt(node, [key], onAlias);
    if (value) READERS[key](value, `${prefix}${key}`, reading);
  }
}

/** Names of the images that `images` sets: what other files say of them has no effect. */
export function setNames(root: ManifestNode | undefined): readonly string[] {
  return (listIn(valueAt(root, ['images']))?.items ?? []).flatMap((item) => textIn(valueAt(item, ['name'])) ?? []);
}

/** An entry replaces name, tag or digest of the images of this name in other files. */
function readImages(list: ManifestNode, path: string, { finder }: KustomizationReading): void {
  const { onAlias } = finder;
  for (const [at, item] of (listIn(list, onAlias)?.items ?? []).entries()) {
    const map = mapIn(item, onAlias);
    const name = map && (textIn(valueUnder(map, 'newName', onAlias)) ?? textIn(valueUnder(map, 'name', onAlias)));
    if (!map || name === undefined) continue;
    finder.parts(name, valueUnder(map, 'newTag', onAlias), valueUnder(map, 'digest', onAlias), `${path}[${at}]`);
  }
}

function readResources(list: ManifestNode, path: string, reading: KustomizationReading): void {
  for (const [at, item] of (listIn(list, reading.finder.onAlias)?.items ?? []).entries()) {
    addFile(item, `${path}[${at}]`, 'resource', reading);
  }
}

function readConfigurations(list: ManifestNode, path: string, reading: KustomizationReading): void {
  for (const [at, item] of itemsOf(list, reading.finder.onAlias))
    addFile(item, `${path}[${at}]`, 'configuration', reading);
}

function unread(why: string): Read {
  return (value, path, { finder }) => {
    if (!isEmptyList(value)) finder.leave(value, path, why);
  };
}

function isEmptyList(value: ManifestNode): boolean {
  return listIn(value)?.items.length === 0;
}

function leaveOtherCases(list: ManifestNode, key: string, finder: Finder): void {
  for (const [at, item] of itemsOf(list, finder.onAlias)) {
    const map = mapIn(item);
    for (const found of map ? lookalikesIn(map, OF_ITEMS) : []) {
      finder.leave(found.value, `${key}[${at}].${found.key}`, `is read by kustomize as ${found.meant}: write it so`);
    }
  }
}

/** A replacement copies a value into fields of other objects: the paths of these say whether an image is among them. */
function readReplacements(list: ManifestNode, key: string, { finder, paths }: KustomizationReading): void {
  const { onAlias } = finder;
  for (const [at, item] of itemsOf(list, onAlias)) {
    // Also a replacement in another file, or one that is written in another way.
    const isKnown = valueAt(item, ['path'], onAlias) === undefined && hasNoLookalikes(item, ['targets', 'path']);
    const targets = itemsOf(valueAt(item, ['targets'], onAlias), onAlias);
    const isHarmless = targets.every(([, target]) => {
      const fields = valueAt(target, ['fieldPaths'], onAlias);
      if (!hasNoLookalikes(target, ['fieldPaths']) || (fields && !listIn(fields, onAlias))) return false;
      return itemsOf(fields, onAlias).every(([, field]) => {
        const text = textIn(field, onAlias);
        return text !== undefined && !mayReplaceImage(text, paths);
      });
    });
    if (isKnown && targets.length > 0 && isHarmless) continue;
    finder.leave(item, `${key}[${at}]`, 'can set an image, and is not read: use images');
  }
}

function hasNoLookalikes(node: ManifestNode, keys: readonly string[]): boolean {
  const map = mapIn(node);
  return map !== undefined && lookalikesIn(map, keys).length === 0;
}

/** Labels with `fields` of their own, at which each is a key. */
function readLabels(list: ManifestNode, key: string, { finder, paths }: KustomizationReading): void {
  for (const [at, item] of itemsOf(list, finder.onAlias)) {
    const fields = valueAt(item, ['fields'], finder.onAlias);
    if (hasNoLookalikes(item, ['fields']) && (!fields || areHarmless(fields, paths, finder))) continue;
    finder.leave(item, `${key}[${at}]`, 'can set an image in one of its fields: use images');
  }
}

/** Settings that change images only as `images` says, or no values. */
const OTHER_SETTINGS: ReadonlySet<string> = new Set(['images', 'namereference', 'varreference']);

/** A file of `configurations`: the fields that other keys of the kustomization set. */
export function readConfiguration(root: ManifestNode, reading: Pick<KustomizationReading, 'finder' | 'paths'>): void {
  const { finder, paths } = reading;
  const map = mapIn(root, finder.onAlias);
  if (!map) finder.leave(root, '', 'is no mapping, and is not read');
  for (const { key, value } of map ? entriesOf(map) : []) {
    if (OTHER_SETTINGS.has(folded(key)) || !listIn(value) || areHarmless(value, paths, finder)) continue;
    finder.leave(value, key, 'can set an image in one of its fields: use images');
  }
}

/** Whether none of the field specifications of a list leads to an image. */
function areHarmless(list: ManifestNode, paths: readonly ImagePath[], { onAlias }: Finder): boolean {
  if (!listIn(list, onAlias)) return false;
  return itemsOf(list, onAlias).every(([, item]) => {
    const path = textIn(valueAt(item, ['path'], onAlias), onAlias);
    return path !== undefined && hasNoLookalikes(item, ['path']) && !mayLabelImage(path, paths);
  });
}
