import {
  counted,
  type Descriptor,
  type Digest,
  type ImageOrigin,
  type Manifest,
  parseStrictJson,
  readConfig,
  TidegateError,
} from '@tidegate/core';
import { type ImageLayout, readManifest } from '@tidegate/oci';
import { type DifferenceKind, fileDifferences } from './file-difference.ts';
import { instructionAt } from './instruction.ts';
import { layerFiles } from './layer-files.ts';

/** One difference between two builds of a platform. Untrusted text. */
export interface Difference {
  readonly kind: DifferenceKind | 'compression' | 'configuration' | 'layers';
  /** `layer 3: /app/version: other content of the same size`. */
  readonly text: string;
  /** The instruction that made the layer, if it is known. */
  readonly place?: { readonly file: string; readonly line: number } | undefined;
}

/** One build of a platform. */
export interface Built {
  readonly layout: ImageLayout;
  readonly descriptor: Descriptor;
}

/** Differences shown per platform: a difference in an early layer often is the cause of the later ones. */
const MOST_LAYERS = 5;
const MOST_FILES = 3;

/** The differences of two builds of one platform, by layer; those of its configuration last. */
export async function imageDifferences(
  first: Built,
  second: Built,
  dockerfile: { readonly name: string; readonly text: string; readonly origin?: ImageOrigin | undefined },
  signal: AbortSignal,
): Promise<readonly Difference[]> {
  const [one, other] = await Promise.all([contentOf(first), contentOf(second)]);
  const [before, after] = [one.manifest.layers.length, other.manifest.layers.length];
  if (before !== after) {
    return [{ kind: 'layers', text: `The first build has ${counted(before, 'layer')}, the second ${after}.` }];
  }
  const found: Difference[] = [];
  for (let at = 0; at < before && found.length < MOST_LAYERS; at += 1) {
    const pair = [one.layer(at), other.layer(at)] as const;
    if (pair[0].layer.digest === pair[1].layer.digest) continue;
    const difference = await layerDifference(first.layout, second.layout, pair, signal);
    const made = instructionAt(one.config, at, dockerfile.text);
    const line = dockerfile.origin?.layers[at]?.line ?? made?.line;
    found.push({
      kind: difference.kind,
      text: `layer ${at + 1}${made ? ` (${made.text})` : ''}: ${difference.text}`,
      place: line === undefined ? undefined : { file: dockerfile.name, line },
    });
  }
  if (found.length > 0) return found;
  const key = differentKey(one.config, other.config, '');
  return [{ kind: 'configuration', text: `the configuration differs at ${key ?? 'its form'}` }];
}

interface Layer {
  readonly layer: Descriptor;
  readonly diffId: Digest;
}

async function layerDifference(
  first: ImageLayout,
  second: ImageLayout,
  [one, other]: readonly [Layer, Layer],
  signal: AbortSignal,
): Promise<Pick<Difference, 'kind' | 'text'>> {
  if (one.diffId === other.diffId) return { kind: 'compression', text: 'the same files, compressed differently' };
  const before = await layerFiles(first, one.layer, one.diffId, signal);
  const after = await layerFiles(second, other.layer, other.diffId, signal);
  if (!before || !after) return { kind: 'content', text: 'too many files to compare' };
  const differences = fileDifferences(before, after);
  const [worst] = differences;
  // Headers of the archive that no reader here compares, such as extended attributes.
  if (!worst) return { kind: 'metadata', text: 'the same files, with other extended attributes' };
  const shown = differences.slice(0, MOST_FILES).map(({ path, detail }) => `${path} (${detail})`);
  const rest = differences.length - shown.length;
  return { kind: worst.kind, text: `${shown.join(', ')}${rest > 0 ? ` and ${counted(rest, 'more file')}` : ''}` };
}

interface Content {
  readonly manifest: Manifest;
  readonly config: unknown;
  readonly layer: (at: number) => Layer;
}

async function contentOf({ layout, descriptor }: Built): Promise<Content> {
  const manifest = await readManifest(layout, descriptor);
  const where = `config of ${descriptor.digest}`;
  if (manifest.kind !== 'manifest') throw new TidegateError('image-inconsistent', `${where}: it is an index.`);
  const config = parseStrictJson(await layout.fetchBytes(manifest.config), where);
  const { diffIds } = readConfig(config, manifest.layers.length, where).rootfs;
  return {
    manifest,
    config,
    layer: (at) => {
      const [layer, diffId] = [manifest.layers[at], diffIds[at]];
      if (!layer || !diffId) throw new TidegateError('image-inconsistent', `${where}: no layer ${at}.`);
      return { layer, diffId };
    },
  };
}

/** The first key with another value: `config.Env.2`. Untrusted text. */
function differentKey(one: unknown, other: unknown, at: string): string | undefined {
  if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? undefined : at;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = differentKey(one[key], other[key], at === '' ? key : `${at}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
