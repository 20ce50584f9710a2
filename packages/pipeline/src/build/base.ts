import { type BaseImage, type Descriptor, digestOf, type Image, isIndexType, MANIFEST_LIMIT } from '@tidegate/core';
import { contentOfBytes, type ImageLayout, imageIndex } from '@tidegate/oci';
import type { BuildOptions } from './options.ts';

/** OCI image-spec, annotations.md. */
const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

type Texts = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** Base images by the digest of a platform's manifest, and what the user says about them. */
export interface BaseFacts {
  readonly bases: ReadonlyMap<string, BaseImage>;
  /** The user has labels of their own for it, by the input or by a LABEL: those in the image stay. */
  readonly labelled: boolean;
}

/**
 * Write into an image what it is built on: labels in each platform's configuration, annotations on its manifest and, where
 * all platforms have the same base, on the index. The digest is known only after the build, so the layout that BuildKit
 * wrote gets new manifests, before anything is said about their digests. Annotations of the user stay.
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
  // What index.json says of the image is said of it still.
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

/** What the annotations of all platforms say about their base; nothing where they differ. */
export function commonBase(platforms: readonly Texts[]): Texts {
  const [first = {}, ...others] = platforms;
  if (others.some((other) => other[NAME] !== first[NAME] || other[DIGEST] !== first[DIGEST])) return {};
  return Object.fromEntries(Object.entries(first).filter(([key]) => isBase(key)));
}

/** Whether a text, such as a Dockerfile's, speaks of the base's labels. */
export function mentionsBase(text: string): boolean {
  return text.includes(NAME) || text.includes(DIGEST);
}

/** Name and digest are one statement: a name of the user's never gets the digest of another image. */
export function withOwn(base: Texts, own: unknown): Texts {
  const given = Object.entries(record(own)) as [string, string][];
  const all = given.some(([key]) => isBase(key)) ? given : [...Object.entries(base), ...given];
  return inOrder(all);
}

/** Labels about the base among the user's: an empty one means that nothing is to be said about it. */
export function labelsOfBase({ labels }: Pick<BuildOptions, 'labels'>): 'none' | 'own' | 'silent' {
  const own = labels.filter(([key]) => isBase(key));
  return own.length === 0 ? 'none' : own.some(([, value]) => value === '') ? 'silent' : 'own';
}

/** Labels are inherited: those about the base's own base are not about this image's. */
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
  return base ? { [NAME]: base.name, ...(base.digest ? { [DIGEST]: base.digest } : {}) } : {};
}

/** As Go writes the keys of a map. */
function inOrder(entries: readonly (readonly [string, string])[]): Texts {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function orNone(annotations: Texts): { readonly annotations: Texts | undefined } {
  return { annotations: Object.keys(annotations).length > 0 ? annotations : undefined };
}

/** The layout was read strictly when it was opened, and every byte is held against its digest. */
async function readJson(layout: ImageLayout, descriptor: Descriptor): Promise<Json> {
  return record(JSON.parse((await layout.fetchBytes(descriptor, { limit: MANIFEST_LIMIT })).toString('utf8')));
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
