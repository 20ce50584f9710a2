import { imageParts } from './custom-paths.ts';
import type { Finder } from './found.ts';
import { itemsOf, type ManifestNode, mapIn, resolvedNode, scalarIn, textIn, valueAt, valueUnder } from './node.ts';

/** A tag or a digest alone belongs to a repository in another file. */
const IMAGE_PARTS = ['repository', 'tag', 'digest'];
/** A text that names more than the last part of a repository. */
const REFERENCE = /[:@/]/;
const NAMED_BY_TEMPLATE = 'has a template as its name, and is not read';

/** Whether a value under `image` names an image: a text, or its parts. */
export function isImageValue(value: ManifestNode): boolean {
  const map = mapIn(value);
  if (map) return IMAGE_PARTS.some((part) => valueUnder(map, part));
  return (textIn(value) ?? '') !== '';
}

/** Values of Helm charts: every `image`, and every key that ends in `Image`, at any depth, also of dependencies. */
export function helmValues(root: ManifestNode | undefined, top: string, finder: Finder): void {
  const seen = new Set<ManifestNode>();
  const visit = (node: ManifestNode, path: string, isParts = false): void => {
    const found = resolvedNode(node, finder.onAlias);
    if (found.kind === 'scalar') {
      const isText = found.text.includes('\n') && /image["']?[ \t]*:/i.test(found.text);
      if (isText) finder.note(found, path, 'is a text that names an image, and is not read');
      return;
    }
    if (seen.has(found)) return;
    seen.add(found);
    if (found.kind === 'list') {
      for (const [at, item] of found.items.entries()) visit(item, `${path}[${at}]`);
      return;
    }
    for (const { key, value } of found.entries) {
      if (key === undefined) continue;
      const below = path === '' ? key : `${path}.${key}`;
      if (key.includes('{{')) finder.note(value, below, NAMED_BY_TEMPLATE);
      if (!/^image$|Image$/.test(key)) visit(value, below);
      else if (isParts && key === 'image' && scalarIn(value)) finder.leave(value, below, 'is beside parts of an image');
      else visitImage(value, below);
    }
  };
  const visitImage = (node: ManifestNode, path: string): void => {
    const found = resolvedNode(node, finder.onAlias);
    if (found.kind === 'scalar') helmImage(node, path, finder);
    if (found.kind === 'list') for (const [at, item] of found.items.entries()) visitImage(item, `${path}[${at}]`);
    if (found.kind !== 'map') return;
    const name = textIn(valueUnder(found, 'name', finder.onAlias)) ?? '';
    const hasParts = REFERENCE.test(name) || IMAGE_PARTS.some((part) => valueUnder(found, part, finder.onAlias));
    if (hasParts) imageParts(found, path, finder);
    visit(found, path, hasParts);
  };
  if (root) visit(root, top);
}

/** A text below `image` is a reference if it has a tag, a digest or a registry; else it is a name for another value. */
function helmImage(node: ManifestNode, path: string, finder: Finder): void {
  const text = textIn(node, finder.onAlias);
  if (text === undefined || text === '') return;
  if (REFERENCE.test(text)) {
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
    if (name === undefined || !value) continue;
    // The last one does not win if only the first one has forceString.
    if (values.has(name) && /image/i.test(name)) finder.leave(value, `${path}.${name}`, 'is set twice: remove one');
    values.set(name, value);
  }
  parameterImages(values, path, finder);
}

/** `image.repository` and `image.tag` as parameters (`--set`), or `image` with the whole reference. */
export function parameterImages(values: ReadonlyMap<string, ManifestNode>, path: string, finder: Finder): void {
  const { onAlias } = finder;
  const seen = new Set<string>();
  for (const [name, value] of values) {
    if (setsOthers(name, textIn(value, onAlias) ?? '')) {
      finder.leave(value, `${path}.${name}`, 'sets several values with one name: write a parameter for each');
      continue;
    }
    if (name.includes('{{')) finder.note(value, `${path}.${name}`, NAMED_BY_TEMPLATE);
    if (isImageName(name)) helmImage(value, `${path}.${name}`, finder);
    const [, image = ''] = /^(.*)\.(?:repository|tag|digest)$/.exec(name) ?? [];
    if (!isImageName(image) || seen.has(image)) continue;
    seen.add(image);
    const part = (key: string) => values.get(`${image}.${key}`);
    const repository = textIn(part('repository'), onAlias);
    const registry = textIn(part('registry'), onAlias);
    if (repository === undefined) finder.leave(value, `${path}.${name}`, 'has no repository beside it');
    else if (!part('tag') && !part('digest')) finder.leave(value, `${path}.${name}`, 'has no tag beside it');
    else {
      const full = registry ? `${registry}/${repository}` : repository;
      finder.parts(full, part('tag'), part('digest'), `${path}.${image}`);
    }
  }
}

function isImageName(name: string): boolean {
  return /(?:^|\.)image$|Image$/.test(name);
}

/**
 * Whether a parameter can set an image that its name does not say. Helm divides at a comma, the value begins after the
 * first equals sign, and a backslash is no part of the name. Argo CD escapes only some commas of a value.
 */
function setsOthers(name: string, value: string): boolean {
  const namesImage = (text: string) => /image/i.test(text.replaceAll('\\', ''));
  return (/[,=]|\\[^.]/.test(name) && namesImage(name)) || (value.includes(',') && namesImage(value));
}
