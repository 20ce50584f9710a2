import { clipped, readManifestFile, TidegateError } from '@tidegate/core';
import type { Remark, SourceRuleSettings } from '../finding.ts';
import { isOtherYaml, yamlKeysOf } from '../hand-made/yaml-keys.ts';
import { isOfChart } from './charts.ts';
import { composeServices, isCompose } from './compose.ts';
import type { ManifestContainer } from './container.ts';
import { kubernetesContainers } from './kubernetes.ts';
import { isKustomization, kustomizationRemarks } from './kustomization.ts';
import { images, pullPolicy } from './rules/images.ts';
import { logFiles } from './rules/log-files.ts';
import type { ManifestContext, ManifestRule } from './rules/rule.ts';
import { memoryLimit, rootUser, writableRoot } from './rules/security.ts';
import { hostPath, stateLost } from './rules/volumes.ts';
import { YamlMap } from './yaml-map.ts';

const RULES: readonly ManifestRule[] = [
  ...[images, pullPolicy, rootUser, writableRoot, hostPath, stateLost, logFiles, memoryLimit],
];
/** Findings of one file. */
const MOST = 10_000;

/** A quick check: most YAML and JSON files are no manifests. */
const MAY_BE_KUBERNETES = /\bcontainers["']?\s{0,10}:/;

/**
 * The findings of our rules in a Kubernetes manifest, a Compose file or a kustomization; none in other files, and none in
 * the templates of a Helm chart, which are not YAML before they are rendered. Elsewhere, a template is a file that cannot
 * be read.
 */
export async function manifestRemarks(
  file: string,
  content: string,
  settings: SourceRuleSettings = {},
): Promise<Remark[]> {
  const read = readerOf(file, content);
  if (!read) return [];
  const context: ManifestContext = { setImages: new Set(settings.setImages), volumes: volumesOf(settings) };
  let remarks: readonly Remark[];
  try {
    const { documents } = await readManifestFile(Buffer.from(content.replace(/^\ufeff/, '')), file);
    const maps = documents.flatMap(({ root }) => YamlMap.of(root) ?? []);
    remarks = maps.flatMap((document) => read(document, context));
  } catch (error) {
    if (!(error instanceof TidegateError)) throw error;
    if (content.includes('{{') && isOfChart(file, settings.charts ?? [])) return [];
    return [unread(error)];
  }
  const seen = new Map(remarks.map((remark) => [`${remark.line} ${remark.rule} ${remark.message}`, remark]));
  // A note about an unread part is the last thing to leave out.
  const order = ({ rule }: Remark) => (rule === 'file-not-read' ? 0 : 1);
  const shown = [...seen.values()].sort((one, other) => order(one) - order(other) || one.line - other.line);
  return shown.slice(0, MOST).sort((one, other) => one.line - other.line);
}

/** kubectl reads manifests as JSON, too. */
export function isJson(file: string): boolean {
  return /\.json$/.test(file);
}

/**
 * For a file that the user names: says that it is no manifest, if it looks like one. A fragment without `apiVersion` and
 * `kind` may be a template's, and nobody reports it otherwise.
 */
export async function noManifestRemarks(file: string, content: string): Promise<Remark[]> {
  if (!(isOtherYaml(file) || isJson(file)) || yamlKeysOf(file) || isKustomization(file)) return [];
  const read = readManifestFile(Buffer.from(content.replace(/^\ufeff/, '')), file);
  const documents = await read.then((found) => found.documents, refusal);
  if (documents instanceof TidegateError) return readerOf(file, content) ? [] : [unread(documents)];
  const isObject = documents.some(({ root }) => {
    const map = YamlMap.of(root);
    return map?.text('apiVersion') !== undefined && map.text('kind') !== undefined;
  });
  if (isObject) return [];
  const message = 'It contains no Kubernetes object and was not checked: no document has apiVersion and kind.';
  return [{ rule: 'file-not-read', line: 1, message, fix: 'Add apiVersion and kind, or name another file.' }];
}

function refusal(error: unknown): TidegateError {
  if (error instanceof TidegateError) return error;
  throw error;
}

function unread({ message, next: fix, place }: TidegateError): Remark {
  return { rule: 'file-not-read', line: place?.line ?? 1, message: clipped(message, 300), fix };
}

/** Volumes of Dockerfiles: each is compared with every mount. */
const MOST_VOLUMES = 200;

function volumesOf({ volumes = [] }: SourceRuleSettings): readonly string[] {
  return [...new Set(volumes)].slice(0, MOST_VOLUMES);
}

type Reader = (document: YamlMap, context: ManifestContext) => Remark[];

function readerOf(file: string, content: string): Reader | undefined {
  if (isKustomization(file)) return kustomizationRemarks;
  if (isCompose(file)) return (document, context) => judged(composeServices(document), context);
  if (!(isOtherYaml(file) || isJson(file)) || !MAY_BE_KUBERNETES.test(content)) return undefined;
  if (!/\bapiVersion\b/.test(content)) return undefined;
  return (document, context) => judged(kubernetesContainers(document), context);
}

const TOO_MANY = `has more than ${MOST} findings`;

/** Containers of a document: aliases make a small file describe millions of mounts. */
const MOST_CONTAINERS = 1000;

/** A Compose file does not say whether it is for development or for production: its findings are warnings at most. */
function judged(containers: Iterable<ManifestContainer>, context: ManifestContext): Remark[] {
  const remarks: Remark[] = [];
  let count = 0;
  for (const container of containers) {
    count += 1;
    if (count > MOST_CONTAINERS || remarks.length > MOST) {
      const most = count > MOST_CONTAINERS ? `describes more than ${MOST_CONTAINERS} containers` : TOO_MANY;
      const message = `It ${most}; the others were not checked.`;
      return [...remarks, { rule: 'file-not-read', line: container.line, message }];
    }
    for (const rule of RULES) {
      for (const remark of rule(container, context)) {
        remarks.push(container.format === 'compose' ? { ...remark, atMost: remark.atMost ?? 'warning' } : remark);
      }
    }
  }
  return remarks;
}
