import type { Finder } from './found.ts';
import { helmParameters, helmValues } from './helm.ts';
import { readOverrides } from './kustomization.ts';
import { entriesOf, itemsOf, type ManifestMap, type ManifestNode, mapIn, textIn, valueAt } from './node.ts';
import type { KustomizationReading } from './patches.ts';
import type { ClusterObject } from './workloads.ts';

/** The sources of an application of Argo CD, or of the applications that an ApplicationSet makes. */
export function argoImages({ kind, map, prefix }: ClusterObject, reading: KustomizationReading): void {
  const { finder } = reading;
  if (kind === 'Application') {
    argoSources(valueAt(map, ['spec'], finder.onAlias), `${prefix}spec`, reading);
    // A synchronisation that kubectl starts, which may have sources of its own.
    const operation = valueAt(map, ['operation', 'sync'], finder.onAlias);
    argoSources(operation, `${prefix}operation.sync`, reading);
    const manifests = valueAt(operation, ['manifests'], finder.onAlias);
    if (manifests) finder.leave(manifests, `${prefix}operation.sync.manifests`, 'is not read: write files');
    return;
  }
  const spec = valueAt(map, ['spec'], finder.onAlias);
  argoSources(valueAt(spec, ['template', 'spec'], finder.onAlias), `${prefix}spec.template.spec`, reading);
  generatorTemplates(valueAt(spec, ['generators'], finder.onAlias), `${prefix}spec.generators`, reading);
  const patch = valueAt(spec, ['templatePatch'], finder.onAlias);
  template(patch, `${prefix}spec.templatePatch`, { sets: /image|source|helm|kustomize/i, instead: 'template' }, finder);
}

function argoSources(spec: ManifestNode | undefined, path: string, reading: KustomizationReading): void {
  const { onAlias } = reading.finder;
  argoSource(valueAt(spec, ['source'], onAlias), `${path}.source`, reading);
  argoSource(valueAt(spec, ['sourceHydrator', 'drySource'], onAlias), `${path}.sourceHydrator.drySource`, reading);
  for (const [index, source] of itemsOf(valueAt(spec, ['sources'], onAlias), onAlias)) {
    argoSource(source, `${path}.sources[${index}]`, reading);
  }
}

/** A generator may have a template of its own, which overrides that of the set; `matrix` and `merge` have generators. */
function generatorTemplates(list: ManifestNode | undefined, path: string, reading: KustomizationReading): void {
  const { onAlias } = reading.finder;
  for (const [index, generator] of itemsOf(list, onAlias)) {
    const map: ManifestMap | undefined = mapIn(generator, onAlias);
    for (const { key, value } of map ? entriesOf(map) : []) {
      const where = `${path}[${index}].${key}`;
      argoSources(valueAt(value, ['template', 'spec'], onAlias), `${where}.template.spec`, reading);
      generatorTemplates(valueAt(value, ['generators'], onAlias), `${where}.generators`, reading);
    }
  }
}

/** A text that is a template of Go before it is a patch or values. */
function template(
  node: ManifestNode | undefined,
  path: string,
  { sets, instead }: { readonly sets: RegExp; readonly instead: string },
  finder: Finder,
): void {
  const text = textIn(node, finder.onAlias);
  if (!node || text === undefined || text.trim() === '') return;
  if (sets.test(text)) finder.leave(node, path, `can change images, and is not read: use ${instead}`);
  else finder.note(node, path, 'is a template, and is not read');
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
  // In an ApplicationSet it is a template before it is YAML.
  if (!textIn(values)?.includes('{{')) finder.embed(values, `${path}.helm.values`, 'values');
  else template(values, `${path}.helm.values`, { sets: /image/i, instead: 'helm.valuesObject' }, finder);
  for (const key of ['valueFiles', 'fileParameters']) {
    noteSource(valueAt(source, ['helm', key], onAlias), `${path}.helm.${key}`, finder);
  }
  helmParameters(valueAt(source, ['helm', 'parameters'], onAlias), `${path}.helm.parameters`, finder);
}

/** A chart, a repository or an object of the cluster: its images are not in the file. */
export function noteSource(node: ManifestNode | undefined, path: string, finder: Finder): void {
  if (node) finder.note(node, path, 'is in another place: its images are not read');
}
