import { atPath, atPointer } from './custom-paths.ts';
import type { Finder } from './found.ts';
import type { ImagePath } from './image-paths.ts';
import {
  listIn,
  type ManifestAlias,
  type ManifestNode,
  MERGE_KEY,
  mapIn,
  resolvedNode,
  scalarIn,
  textIn,
  valueAt,
} from './node.ts';
import { CONTAINER_LISTS } from './workloads.ts';

/** A file that a kustomization names. */
export interface NamedFile {
  /** Relative to the kustomization. */
  readonly file: string;
  readonly line: number;
  /** `patches[0].path` */
  readonly path: string;
  /** A resource may also be a folder with a kustomization. */
  readonly as: 'patch' | 'resource';
}

/** State of the reading of a kustomization, and the files that it names. */
export interface KustomizationReading {
  readonly finder: Finder;
  readonly paths: readonly ImagePath[];
  readonly files: NamedFile[];
}

/** `patches` and `patchesJson6902`: texts, whose images the finder takes, and files. */
export function readPatches(list: ManifestNode, path: string, { finder, paths, files }: KustomizationReading): void {
  const { onAlias } = finder;
  for (const [at, item] of (listIn(list, onAlias)?.items ?? []).entries()) {
    const patch = valueAt(item, ['patch'], onAlias);
    if (scalarIn(patch)) finder.embed(patch, `${path}[${at}].patch`);
    // Flux has the operations themselves.
    else if (patch) patchImages(patch, `${path}[${at}].patch`, finder, paths);
    addFile(valueAt(item, ['path'], onAlias), `${path}[${at}].path`, 'patch', { finder, files });
  }
}

/** `patchesStrategicMerge`: objects, texts and files. */
export function readMergePatches(
  list: ManifestNode,
  path: string,
  { finder, paths, files }: KustomizationReading,
): void {
  for (const [at, item] of (listIn(list, finder.onAlias)?.items ?? []).entries()) {
    const text = textIn(item, finder.onAlias);
    if (text === undefined) patchImages(item, `${path}[${at}]`, finder, paths);
    else if (/\n|: /.test(text)) finder.embed(item, `${path}[${at}]`);
    else addFile(item, `${path}[${at}]`, 'patch', { finder, files });
  }
}

export function addFile(
  node: ManifestNode | undefined,
  path: string,
  as: NamedFile['as'],
  { finder, files }: Pick<KustomizationReading, 'finder' | 'files'>,
): void {
  const file = textIn(node, finder.onAlias);
  if (node && file !== undefined) files.push({ file, line: node.line, path, as });
}

/** Whether a document is a list of operations (RFC 6902). */
export function isJsonPatch(root: ManifestNode): boolean {
  const items = listIn(root)?.items ?? [];
  return (
    items.length > 0 && items.every((item) => ['op', 'path'].every((key) => textIn(valueAt(item, [key])) !== undefined))
  );
}

/**
 * The images of a patch: an object with some of its fields, of any kind, or operations (RFC 6902).
 * @param paths configured ones, of any kind: the target of a patch decides, and it may be a pattern
 */
export function patchImages(root: ManifestNode, path: string, finder: Finder, paths: readonly ImagePath[]): void {
  const { onAlias } = finder;
  if (!isJsonPatch(root)) {
    fieldsOf(root, [], path, finder);
    for (const one of paths) atPath(root, one.path, path === '' ? '' : `${path}.`, finder);
    return;
  }
  for (const [at, item] of (listIn(root, onAlias)?.items ?? []).entries()) {
    const map = mapIn(item, onAlias);
    const keys = (textIn(valueAt(map, ['path'], onAlias)) ?? '').split('/').slice(1);
    const op = textIn(valueAt(map, ['op'], onAlias)) ?? '';
    // The value is somewhere in the object that is patched.
    if (op === 'copy' || op === 'move')
      finder.leave(item, `${path}[${at}]`, `is a ${op}, and may set an image: use add or replace`);
    const value = valueAt(map, ['value'], onAlias);
    // `test` compares, and the others have no value.
    if (!value || !/^(?:add|replace)$/.test(op)) continue;
    const where = `${path}[${at}].value`;
    const isReference = keys.at(-1) === 'reference' && keys.at(-2) === 'image';
    if ((isReference || keys.at(-1) === 'image') && scalarIn(value)) finder.reference(value, where);
    else {
      fieldsOf(value, keys, where, finder);
      for (const one of paths) atPointer(value, keys, one.path, where, finder);
    }
  }
}

/**
 * @param keys on the way to the node: the last ones tell what it is
 * @param via aliases on the way, which are followed only if there is an image behind them
 */
function fieldsOf(
  node: ManifestNode,
  keys: readonly string[],
  path: string,
  finder: Finder,
  via: readonly ManifestAlias[] = [],
): void {
  const aliases = [...via];
  const found = resolvedNode(node, (alias) => aliases.push(alias));
  if (found.kind === 'list') {
    for (const [at, item] of found.items.entries()) {
      fieldsOf(item, [...keys.slice(-3), String(at)], `${path}[${at}]`, finder, aliases);
    }
  }
  if (found.kind !== 'map') return;
  for (const { key, value } of found.entries) {
    if (key === undefined) continue;
    const below = path === '' ? key : `${path}.${key}`;
    if (key === MERGE_KEY) {
      for (const merged of listIn(value)?.items ?? [value]) fieldsOf(merged, keys, path, finder, aliases);
    } else if (isImage(key, keys)) {
      for (const alias of aliases) finder.onAlias(alias);
      finder.reference(value, below);
    } else fieldsOf(value, [...keys.slice(-3), key], below, finder, aliases);
  }
}

function isImage(key: string, keys: readonly string[]): boolean {
  if (key === 'image') return CONTAINER_LISTS.some((list) => list === keys.at(-2));
  return key === 'reference' && keys.at(-1) === 'image' && keys.at(-3) === 'volumes';
}
