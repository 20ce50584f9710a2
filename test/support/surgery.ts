/** Changes that an attacker with write access to a layout can make, with every digest adjusted. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Referrer, statementReferrer } from '@tidegate/attest';
import { type Descriptor, type Digest, MediaType, type PredicateTypeUri, parseManifest } from '@tidegate/core';
import { ImageLayout } from '@tidegate/oci';

export async function openRoot(folder: string): Promise<{ layout: ImageLayout; root: Descriptor }> {
  const layout = await ImageLayout.open(folder);
  return { layout, root: await layout.root() };
}

export async function attach(layout: ImageLayout, { blobs, descriptor, manifest }: Referrer): Promise<void> {
  for (const blob of blobs) await layout.push(blob.descriptor, { open: () => Readable.from([blob.bytes]) });
  await layout.push(descriptor, { open: () => Readable.from([manifest]) });
}

/** The content of the only referrer with this artifact type; with `predicateType` if there are several. */
export async function content(
  layout: ImageLayout,
  subject: Digest,
  artifactType: string,
  predicateType?: PredicateTypeUri,
): Promise<Uint8Array> {
  const [only, ...more] = (await layout.referrers(subject, artifactType)).filter(isOf(predicateType));
  if (!only || more.length > 0) throw new Error(`${more.length + (only ? 1 : 0)} referrers of type ${artifactType}`);
  const manifest = parseManifest(await layout.fetchBytes(only), only);
  const layer = manifest.kind === 'manifest' ? manifest.layers[0] : undefined;
  if (!layer) throw new Error('no layer');
  return layout.fetchBytes(layer, { limit: 1 << 30 });
}

/** Removes referrers: those of an artifact type, of a predicate type, of both at once, or all. */
export async function remove(
  folder: string,
  what: { readonly artifactType?: string; readonly predicateType?: PredicateTypeUri },
): Promise<void> {
  const { layout, root } = await openRoot(folder);
  const found = (await layout.referrers(root.digest, what.artifactType)).filter(isOf(what.predicateType));
  if (found.length === 0) throw new Error('there was nothing to take out');
  for (const one of found) await layout.unlist(one);
}

const ANNOTATIONS = ['in-toto.io/predicate-type', 'dev.sigstore.bundle.predicateType'];

function isOf(predicateType: PredicateTypeUri | undefined) {
  return (one: Descriptor) =>
    predicateType === undefined || ANNOTATIONS.some((name) => one.annotations?.[name] === predicateType);
}

/** Replaces the statement of this predicate type by an edited one. */
export async function editStatement(
  folder: string,
  predicateType: PredicateTypeUri,
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape, edited by a test that knows it.
  edit: (statement: any) => void,
): Promise<void> {
  const { layout, root } = await openRoot(folder);
  const statement = JSON.parse(
    new TextDecoder().decode(await content(layout, root.digest, MediaType.inToto, predicateType)),
  );
  edit(statement);
  await remove(folder, { artifactType: MediaType.inToto, predicateType });
  await attach(layout, statementReferrer(root, new TextEncoder().encode(JSON.stringify(statement)), predicateType));
}

/** Flips one bit in the middle of a blob. Its size stays the same. */
export async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** The largest layer of the root, which must be a manifest. */
export async function layerPath(folder: string): Promise<string> {
  const { layout, root } = await openRoot(folder);
  const manifest = parseManifest(await layout.fetchBytes(root), root);
  const layer = manifest.kind === 'manifest' ? manifest.layers.toSorted((a, b) => b.size - a.size)[0] : undefined;
  if (!layer) throw new Error('the root is no manifest with a layer');
  return layout.blobPath(layer);
}

/** Makes index.json name the image of `other` instead of its own, and leaves all evidence in place. */
export async function swapImage(folder: string, other: string): Promise<void> {
  const [mine, theirs] = [await openRoot(folder), await openRoot(other)];
  const manifest = parseManifest(await theirs.layout.fetchBytes(theirs.root), theirs.root);
  if (manifest.kind !== 'manifest') throw new Error('the other image is an index');
  for (const blob of [theirs.root, manifest.config, ...manifest.layers]) {
    await copyFile(theirs.layout.blobPath(blob), mine.layout.blobPath(blob));
  }
  const file = join(folder, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8'));
  const { mediaType, digest, size } = theirs.root;
  index.manifests = index.manifests.map((one: Descriptor) =>
    one.digest === mine.root.digest ? { mediaType, digest, size } : one,
  );
  await writeFile(file, JSON.stringify(index));
}

/** Overwrites a manifest's bytes with another's: index.json and the digest in the file's name stay. */
export async function overwriteManifest(folder: string, other: string): Promise<void> {
  const [mine, theirs] = [await openRoot(folder), await openRoot(other)];
  await copyFile(theirs.layout.blobPath(theirs.root), mine.layout.blobPath(mine.root));
}
