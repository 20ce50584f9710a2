import {
  type BaseImage,
  type Descriptor,
  defined,
  digestOf,
  type Image,
  isIndexType,
  isRecord,
  MANIFEST_LIMIT,
} from '@tidegate/core';
import { contentOfBytes, type ImageLayout, imageIndex } from '@tidegate/oci';
import type { BuildOptions } from './options.ts';

/** OCI image-spec, annotations.md. */
const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

type Texts = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** Base images by digest of a platform's manifest, and the user's own settings for them. */
export interface BaseFacts {
  readonly bases: ReadonlyMap<string, BaseImage>;
  /** The user sets base labels with the input or with a LABEL: the labels in the image are kept. */
  readonly labelled: boolean;
}

/**
 * Record the base image in an image: labels in each platform's configuration, annotations on its manifest and, if all
 * platforms have the same base, on the index. The digest of the base is known only after the build, so the layout that
 * BuildKit wrote gets new manifests before any statement about their digests is made. The user's annotations are kept.
 */
export async function recordBase(layout: ImageLayout, image: Image, { bases, labelled }: BaseFacts): Promise<void> {
  const moved = new Map<string, Descriptor>();
  const platforms: Texts[] = [];
  const write = (old: Descriptor, value: Json) => writeBytes(old, Buffer.from(JSON.stringify(value)));
  const writeBytes = async (old: Descriptor, bytes: Buffer): Promise<Descriptor> => {
    const descriptor = { ...old, digest: digestOf(bytes), size: bytes.length };
    const { mediaType, digest, size } = descriptor;
    await layout.push({ mediaType, digest, size }, contentOfBytes(bytes));
    return descriptor;
  };
  for (const { descriptor } of image.platforms) {
    const base = textsOf(bases.get(descriptor.digest));
    const manifest = await readJson(layout, descriptor);
    const config = manifest.config as Descriptor;
    const annotations = withOwn(base, manifest.annotations);
    platforms.push(annotations);
    const settings = await readJson(layout, config);
    const changed = labelled ? settings : relabelled(settings, base);
    moved.set(
      descriptor.digest,
      await write(descriptor, { ...manifest, config: await write(config, changed), ...orNone(annotations) }),
    );
  }
  const { root } = image;
  const written = isIndexType(root.mediaType) ? await writeIndex() : (moved.get(root.digest) ?? root);
  if (written.digest === root.digest) return;
  // Keep the annotations that index.json has for the image.
  const entry = (await layout.index()).find(({ digest }) => digest === root.digest);
  await layout.add(written, entry?.annotations ?? {});
  await layout.unlist(root);
  await layout.collect({ grace: 0 });

  async function writeIndex(): Promise<Descriptor> {
    const index = await readJson(layout, root);
    const given = index.manifests as readonly Descriptor[];
    const entries = image.platforms.map(({ descriptor, platform }) => {
      const { annotations = {} } = given.find(({ digest }) => digest === descriptor.digest) ?? {};
      return { descriptor: moved.get(descriptor.digest) ?? descriptor, platform, annotations };
    });
    return writeBytes(root, imageIndex(entries, withOwn(commonBase(platforms), index.annotations)));
  }
}

/** Base annotations that all platforms have in common; empty if they differ. */
export function commonBase(platforms: readonly Texts[]): Texts {
  const [first = {}, ...others] = platforms;
  if (others.some((other) => other[NAME] !== first[NAME] || other[DIGEST] !== first[DIGEST])) return {};
  return Object.fromEntries(Object.entries(first).filter(([key]) => isBase(key)));
}

/** Whether a text, such as a Dockerfile, mentions the labels of the base. */
export function mentionsBase(text: string): boolean {
  return text.includes(NAME) || text.includes(DIGEST);
}

/** Name and digest belong together: a name set by the user never gets the digest of another image. */
export function withOwn(base: Texts, own: unknown): Texts {
  const given = Object.entries(record(own)) as [string, string][];
  const all = given.some(([key]) => isBase(key)) ? given : [...Object.entries(base), ...given];
  return inOrder(all);
}

/** Whether the user sets labels of the base. An empty label means that no base is recorded. */
export function labelsOfBase({ labels }: Pick<BuildOptions, 'labels'>): 'none' | 'own' | 'silent' {
  const own = labels.filter(([key]) => isBase(key));
  return own.length === 0 ? 'none' : own.some(([, value]) => value === '') ? 'silent' : 'own';
}

/** Labels are inherited. Inherited base labels describe the base of the base, not the base of this image. */
function relabelled(settings: Json, base: Texts): Json {
  const config = record(settings.config);
  const kept = Object.entries(record(config.Labels)).filter(([key]) => !isBase(key)) as [string, string][];
  const Labels = inOrder([...kept, ...Object.entries(base)]);
  return {
    ...settings,
    config: { ...config, ...(Object.keys(Labels).length > 0 ? { Labels } : { Labels: undefined }) },
  };
}

function isBase(key: string): boolean {
  return key === NAME || key === DIGEST;
}

function textsOf(base: BaseImage | undefined): Texts {
  return base ? defined({ [NAME]: base.name, [DIGEST]: base.digest }) : {};
}

/** Sorts keys the way Go serializes a map. */
function inOrder(entries: readonly (readonly [string, string])[]): Texts {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function orNone(annotations: Texts): { readonly annotations: Texts | undefined } {
  return { annotations: Object.keys(annotations).length > 0 ? annotations : undefined };
}

/**
 * No strict parsing: the layout was parsed strictly when it was opened, and every byte is verified against its digest.
 */
async function readJson(layout: ImageLayout, descriptor: Descriptor): Promise<Json> {
  return record(JSON.parse((await layout.fetchBytes(descriptor, { limit: MANIFEST_LIMIT })).toString('utf8')));
}

function record(value: unknown): Json {
  return isRecord(value) ? (value as Json) : {};
}
