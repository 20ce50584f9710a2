import type { Finder } from './found.ts';
import type { ImagePath } from './image-paths.ts';
import { listIn, type ManifestMap, type ManifestNode, mapIn, textIn, valueAt, valueUnder } from './node.ts';

/** The images at a configured path: `spec.containers[].image`. The last value may be a mapping of name, tag and digest. */
export function atPath(node: ManifestNode, [key, ...rest]: ImagePath['path'], where: string, finder: Finder): void {
  if (key === undefined) {
    const map = mapIn(node, finder.onAlias);
    const path = where.replace(/\.$/, '');
    if (map) imageParts(map, path, finder);
    else finder.reference(node, path);
    return;
  }
  const name = key.replace(/\[\]$/, '');
  const value = valueAt(node, [name], finder.onAlias);
  if (!value) return;
  if (name === key) {
    atPath(value, rest, `${where}${name}.`, finder);
    return;
  }
  for (const [index, item] of (listIn(value, finder.onAlias)?.items ?? []).entries()) {
    atPath(item, rest, `${where}${name}[${index}].`, finder);
  }
}

/**
 * The images at a configured path in the value of an operation (RFC 6902).
 * @param keys where the value is put: `spec`, `containers`, `0`
 */
export function atPointer(
  value: ManifestNode,
  keys: readonly string[],
  path: ImagePath['path'],
  where: string,
  finder: Finder,
): void {
  const [key, ...rest] = path;
  const [first, second, ...others] = keys;
  if (first === undefined || key === undefined) {
    if (first === undefined) atPath(value, path, `${where}.`, finder);
    return;
  }
  if (key === first) atPointer(value, keys.slice(1), rest, where, finder);
  else if (key === `${first}[]`) {
    if (second !== undefined) atPointer(value, others, rest, where, finder);
    else {
      for (const [index, item] of (listIn(value, finder.onAlias)?.items ?? []).entries()) {
        atPath(item, rest, `${where}[${index}].`, finder);
      }
    }
  }
}

/** Name, tag and digest of an image as values of a mapping. */
export function imageParts(map: ManifestMap, path: string, finder: Finder): void {
  const { onAlias } = finder;
  const registry = textIn(valueUnder(map, 'registry', onAlias));
  const repository = textIn(valueUnder(map, 'repository', onAlias)) ?? textIn(valueUnder(map, 'name', onAlias));
  if (repository === undefined) {
    finder.leave(map, path, 'has no repository');
    return;
  }
  const name = registry ? `${registry}/${repository}` : repository;
  finder.parts(name, valueUnder(map, 'tag', onAlias), valueUnder(map, 'digest', onAlias), path);
}
