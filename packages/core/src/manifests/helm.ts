import { imageParts } from './custom-paths.ts';
import type { Finder } from './found.ts';
import { itemsOf, type ManifestNode, mapIn, resolvedNode, scalarIn, textIn, valueAt, valueUnder } from './node.ts';

/** A tag or a digest alone belongs to a repository in another file. */
const IMAGE_PARTS = ['repository', 'tag', 'digest'];

/** Whether a value under `image` names an image: a text, or its parts. */
export function isImageValue(value: ManifestNode): boolean {
  const map = mapIn(value);
  if (map) return IMAGE_PARTS.some((part) => valueUnder(map, part));
  return (textIn(value) ?? '') !== '';
}

/** Values of Helm charts: every `image`, and every key that ends in `Image`, at any depth, also of dependencies. */
export function helmValues(root: ManifestNode | undefined, top: string, finder: Finder): void {
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

/** A list of parameters with `name` and `value`. */
export function helmParameters(node: ManifestNode | undefined, path: string, finder: Finder): void {
  const { onAlias } = finder;
  const values = new Map<string, ManifestNode>();
  for (const [, item] of itemsOf(node, onAlias)) {
    const name = textIn(valueAt(item, ['name'], onAlias));
    const value = valueAt(item, ['value'], onAlias);
    if (name !== undefined && value) values.set(name, value);
  }
  parameterImages(values, path, finder);
}

/** `image.repository` and `image.tag` as parameters (`--set`), or `image` with the whole reference. */
export function parameterImages(values: ReadonlyMap<string, ManifestNode>, path: string, finder: Finder): void {
  const { onAlias } = finder;
  for (const [name, value] of values) {
    // Helm divides at a comma, and the value begins after the first equals sign.
    if ((name.includes(',') || name.includes('=')) && /image/i.test(name)) {
      finder.leave(value, `${path}.${name}`, 'sets several values with one name: write a parameter for each');
      continue;
    }
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
