import { aliasesOf, type FoundImage } from './found.ts';
import {
  entriesOf,
  type ManifestList,
  type ManifestMap,
  type ManifestNode,
  mapIn,
  textIn,
  valueUnder,
} from './node.ts';

/** The lists in which kustomize looks for images, in an object of any kind. It passes over ephemeral containers. */
const LISTS: ReadonlySet<string> = new Set(['containers', 'initContainers']);
/** The image after its name, as kustomize compares it. */
const AFTER_NAME = /^[^:@]*(?::[0-9]+\/[^:@]*)?(?::[\w.{}-]*)?(?:@sha256:[\w.{}-]*)?$/;

/**
 * Whether `images` of a kustomization replaces an image in a resource, by the fields that kustomize knows: volumes,
 * values of Helm and custom resources keep theirs. The place is read from the nodes: a key can look like a path.
 */
export function isContainerImage({ image, scalar, within }: FoundImage): boolean {
  // Its aliases may be in other fields.
  if (!AFTER_NAME.test(image) || aliasesOf(scalar).length > 0 || (within && aliasesOf(within.scalar).length > 0)) {
    return false;
  }
  const list = scalar.parent?.parent;
  const isInList = keyOf(scalar) === 'image' && list?.kind === 'list' && LISTS.has(keyOf(list) ?? '');
  return isInList && !aboveOf(list).some(isDefinition);
}

/** Whether an image is an entry of `images`, which changes containers only. With `configurations` it changes more. */
export function isContainerEntry(root: ManifestNode, { scalar }: FoundImage): boolean {
  const map = mapIn(root);
  const list = scalar.parent?.parent;
  if (!map || list?.kind !== 'list' || list.parent !== map || keyOf(list) !== 'images') return false;
  return aliasesOf(scalar).length === 0 && !entriesOf(map).some(({ key }) => key.toLowerCase() === 'configurations');
}

function keyOf(node: Exclude<ManifestNode, { kind: 'alias' }>): string | undefined {
  return node.parent?.kind === 'map' ? node.parent.entries.find(({ value }) => value === node)?.key : undefined;
}

function aboveOf(node: ManifestList): (ManifestMap | ManifestList)[] {
  const above: (ManifestMap | ManifestList)[] = [];
  for (let one = node.parent; one; one = one.parent) above.push(one);
  return above;
}

/** Kustomize changes no definition of a custom resource. */
function isDefinition(node: ManifestMap | ManifestList): boolean {
  return node.kind === 'map' && textIn(valueUnder(node, 'kind')) === 'CustomResourceDefinition';
}
