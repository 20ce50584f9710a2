import { noteSource } from './argo.ts';
import type { Finder } from './found.ts';
import { helmValues, parameterImages } from './helm.ts';
import { lookalikesIn } from './lookalikes.ts';
import { entriesOf, type ManifestNode, mapIn, valueAt } from './node.ts';
import type { ClusterObject } from './workloads.ts';

const KEYS = ['values', 'valuesContent', 'set', 'jobImage'];

/** A `HelmChart` or `HelmChartConfig` of k3s and RKE2, whose values are YAML in a text. */
export function chartImages({ map, prefix }: ClusterObject, finder: Finder): void {
  const { onAlias } = finder;
  const spec = mapIn(valueAt(map, ['spec'], onAlias), onAlias);
  for (const { key, meant, value } of spec ? lookalikesIn(spec, KEYS) : []) {
    finder.leave(value, `${prefix}spec.${key}`, `is read by some programs as ${meant}: write it so, or remove it`);
  }
  const at = (key: string) => valueAt(map, ['spec', key], onAlias);
  finder.embed(at('valuesContent'), `${prefix}spec.valuesContent`, 'values');
  helmValues(at('values'), `${prefix}spec.values`, finder);
  const set = mapIn(at('set'), onAlias);
  const parameters = new Map<string, ManifestNode>();
  for (const { key, value, via } of set ? entriesOf(set) : []) {
    for (const alias of via) onAlias(alias);
    parameters.set(key, value);
  }
  parameterImages(parameters, `${prefix}spec.set`, finder);
  // The image of the job that installs the chart.
  finder.reference(at('jobImage'), `${prefix}spec.jobImage`);
  for (const key of ['chart', 'chartContent', 'valuesSecrets']) noteSource(at(key), `${prefix}spec.${key}`, finder);
}
