import { atPath, atPointer } from './custom-paths.ts';
import { isJsonPatch } from './format.ts';
import type { Finder } from './found.ts';
import type { ImagePath } from './image-paths.ts';
import { folded } from './lookalikes.ts';
import {
  entriesOf,
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
import { leaveOverrides, leaveOverridesOf } from './patched-overrides.ts';
import { CONTAINER_LISTS, isWorkload, isWorkloadVersion } from './workloads.ts';

/** A file that a kustomization or a Compose file names. */
export interface NamedFile {
  /** Relative to the file that names it. */
  readonly file: string;
  readonly line: number;
  /** `patches[0].path` */
  readonly path: string;
  /** A resource may also be a folder with a kustomization. */
  readonly as: 'patch' | 'resource' | 'configuration' | 'compose';
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
    if (scalarIn(patch)) finder.embed(patch, `${path}[${at}].patch`, 'patch');
    // Flux has the operations themselves.
    else if (patch) patchImages(patch, `${path}[${at}].patch`, finder, paths);
    addFile(valueAt(item, ['path'], onAlias), `${path}[${at}].path`, 'patch', { finder, files });
    const options = mapIn(valueAt(item, ['options'], onAlias), onAlias);
    for (const { key, value } of options ? entriesOf(options) : []) {
      if (folded(key) !== 'allowkindchange' || textIn(value) === 'false') continue;
      finder.leave(value, `${path}[${at}].options.${key}`, `can change the kind of an object: ${WRITE_KIND}`);
    }
  }
}

const WRITE_KIND = 'write the kind in the file of the object';
/** An annotation with which kustomize lets a patch change the kind of its target (api, internal/utils/annotations.go). */
const ALLOWED = 'internal.config.kubernetes.io/allowKindChange';

/** `patchesStrategicMerge`: objects, texts and files. */
export function readMergePatches(
  list: ManifestNode,
  path: string,
  { finder, paths, files }: KustomizationReading,
): void {
  for (const [at, item] of (listIn(list, finder.onAlias)?.items ?? []).entries()) {
    const text = textIn(item, finder.onAlias);
    if (text === undefined) patchImages(item, `${path}[${at}]`, finder, paths);
    else if (/\n|: /.test(text)) finder.embed(item, `${path}[${at}]`, 'patch');
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

/**
 * The images of a patch: an object with some of its fields, of any kind, or operations (RFC 6902).
 * @param paths configured ones, of any kind: the target of a patch decides, and it may be a pattern
 */
export function patchImages(root: ManifestNode, path: string, finder: Finder, paths: readonly ImagePath[]): void {
  const { onAlias } = finder;
  if (!isJsonPatch(root)) {
    const allowed = valueAt(root, ['metadata', 'annotations', ALLOWED]);
    if (allowed) finder.leave(allowed, path, `can change the kind of an object: ${WRITE_KIND}`);
    fieldsOf(root, [], path, finder);
    leaveOverrides(root, path, finder);
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
    const where = `${path}[${at}].value`;
    if (op === 'add' || op === 'replace') leaveOverridesOf({ keys, value, item }, where, finder);
    else if (op === 'remove') leaveOverridesOf({ keys, value: undefined, item }, `${path}[${at}]`, finder);
    // `test` compares, and the others have no value.
    if (!value || !/^(?:add|replace)$/.test(op)) continue;
    if (setsKind(keys, value, paths)) {
      finder.leave(value, where, `changes the kind of an object to one with images: ${WRITE_KIND}`);
    }
    const isReference = keys.at(-1) === 'reference' && keys.at(-2) === 'image';
    if ((isReference || keys.at(-1) === 'image') && scalarIn(value)) finder.reference(value, where);
    else {
      fieldsOf(value, keys, where, finder);
      for (const one of paths) atPointer(value, keys, one.path, where, finder);
    }
  }
}

/** Whether an operation makes an object one whose images are read: the object was read as what it is in its file. */
function setsKind(keys: readonly string[], value: ManifestNode, paths: readonly ImagePath[]): boolean {
  const key = keys.at(-1) ?? '';
  // The root, or an item of a list.
  if (!keys.slice(0, -1).every((one, at) => at % 2 === 1 || one === 'items') || !/^(?:kind|apiVersion)$/.test(key)) {
    return false;
  }
  const text = textIn(value);
  if (text === undefined) return true;
  if (key === 'apiVersion') return isWorkloadVersion(text) || /^(?:argoproj\.io|.*\.toolkit\.fluxcd\.io)\//.test(text);
  return isWorkload(text) || /^Application(?:Set)?$|List$/.test(text) || paths.some(({ kind }) => kind === text);
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
