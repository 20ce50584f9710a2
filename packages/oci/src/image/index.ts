import { type Descriptor, formatExactPlatform, MediaType, type Platform } from '@tidegate/core';
import { bare } from '../layout/graph.ts';

type Texts = Readonly<Record<string, string>>;

/** One platform's image in an index. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
  readonly annotations?: Texts | undefined;
}

/**
 * The bytes of an index of platforms. They do not depend on the order of the entries, or on whether one build or a
 * matrix made them. Fields are in the order in which Go writes them.
 */
export function imageIndex(entries: readonly IndexEntry[], annotations: Texts): Buffer {
  const byName = entries.map((entry) => [formatExactPlatform(entry.platform), entry] as const);
  const manifests = byName
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => ({
      ...bare(entry.descriptor),
      ...annotated(entry.annotations ?? {}),
      platform: ordered(entry.platform),
    }));
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests, ...annotated(annotations) }),
  );
}

function ordered({ architecture, os, variant, ...windows }: Platform): Platform {
  const { 'os.version': version, 'os.features': features } = windows;
  return {
    architecture,
    os,
    'os.version': version,
    'os.features': features,
    variant,
  };
}

function annotated(annotations: Texts): { readonly annotations?: Texts | undefined } {
  const pairs = Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length > 0 ? { annotations: Object.fromEntries(pairs) } : {};
}
