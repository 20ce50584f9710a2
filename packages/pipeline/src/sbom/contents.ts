import {
  type ContentsPolicy,
  ContentsRecorder,
  counted,
  type Descriptor,
  type Digest,
  formatExactPlatform,
  hiddenPackages,
  type ImageContents,
  instructionOf,
  isNonDistributable,
  type LayerVisitor,
  languagePackages,
  MANIFEST_LIMIT,
  MediaType,
  PackageListRecorder,
  type PlatformImage,
  parseStrictJson,
  readConfig,
  TidegateError,
} from '@tidegate/core';
import { type ContentSink, readManifest, type UnpackedLayers, type WalkedLayer, walkLayer } from '@tidegate/oci';
import { readLayerRecord } from '../evidence/layer-record.ts';
import { attachContents } from '../evidence/store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';

/** Contents of one platform's layers. */
export interface PlatformContents {
  readonly platform: string;
  readonly contents: ImageContents;
}

/**
 * Read every platform's layers once, and store the result as evidence. Only the gate decides on it.
 * @param policy its folders of state are checked
 * @param unpacked read in place of the packed layers, where it has them
 * @throws TidegateError `integrity` when a layer does not match manifest and config, is not a valid archive, or is a
 * decompression bomb.
 */
export async function contents(
  target: Target,
  policy: ContentsPolicy | undefined,
  services: Pick<Services, 'signal' | 'log'>,
  unpacked?: UnpackedLayers,
): Promise<readonly PlatformContents[]> {
  const found = await lookInto(target, policy, services, unpacked);
  await keepContents(target, found);
  return found;
}

/** Only reads the layers, for a step that runs other work concurrently: if it fails, the layout is unchanged. */
export async function lookInto(
  target: Target,
  policy: ContentsPolicy | undefined,
  services: Pick<Services, 'signal' | 'log'>,
  unpacked?: UnpackedLayers,
): Promise<readonly PlatformContents[]> {
  const results: PlatformContents[] = [];
  for (const one of target.image.platforms) {
    const platform = formatExactPlatform(one.platform);
    const found = await contentsOf(target, one, policy, services, unpacked);
    const entries = found.layers.reduce((sum, layer) => sum + layer.entries, 0);
    services.log.info(`${platform}: checked ${counted(entries, 'file')} in ${counted(found.layers.length, 'layer')}.`);
    results.push({ platform, contents: found });
  }
  return results;
}

/** @param found result of `lookInto`, for the same platforms */
export async function keepContents(target: Target, found: readonly PlatformContents[]): Promise<void> {
  for (const [at, one] of target.image.platforms.entries()) {
    const looked = found[at];
    if (looked) await attachContents(target, one.descriptor, looked.contents);
  }
}

/** Like `contents`, for platforms without a record: a layout that is pushed without having been scanned. */
export async function missingContents(
  target: Target,
  policy: ContentsPolicy | undefined,
  services: Pick<Services, 'signal' | 'log'>,
): Promise<void> {
  const { image, layout } = target;
  const unread: PlatformImage[] = [];
  for (const one of image.platforms) {
    const found = await layout.referrers(one.descriptor.digest, MediaType.contents);
    if (found.length === 0) unread.push(one);
  }
  await contents({ ...target, image: { ...image, platforms: unread } }, policy, services);
}

async function contentsOf(
  target: Target,
  { descriptor }: PlatformImage,
  policy: ContentsPolicy | undefined,
  { signal, log }: Pick<Services, 'signal' | 'log'>,
  unpacked: UnpackedLayers | undefined,
): Promise<ImageContents> {
  const { layout } = target;
  const manifest = await readManifest(layout, descriptor, { signal });
  if (manifest.kind !== 'manifest')
    throw new TidegateError('layout-not-platform', `${descriptor.digest} is not the manifest of a platform.`);
  const where = `config ${manifest.config.digest}`;
  const bytes = await layout.fetchBytes(manifest.config, { signal, limit: MANIFEST_LIMIT });
  const { facts, rootfs } = readConfig(parseStrictJson(bytes, where), manifest.layers.length, where, (text) =>
    log.redact(text),
  );
  const origin = await readLayerRecord(target, descriptor.digest);
  const recorder = new ContentsRecorder(facts, Buffer.from(bytes).toString('utf8'), policy?.statePaths);
  const lists = new PackageListRecorder();
  /** Each layer is verified against its digest and its diff_id every time it is read. */
  const walk = async (
    entry: LayerVisitor['entry'],
    endLayer: (at: number, layer: Descriptor, diffId: Digest, walked: WalkedLayer) => void,
  ) => {
    for (const [at, layer] of manifest.layers.entries()) {
      const diffId = rootfs.diffIds[at];
      if (diffId === undefined) throw new TidegateError('image-inconsistent', `${where}: no diff_id for layer ${at}.`);
      if (isNonDistributable(layer) && !(await layout.exists(layer))) throw notHere(layer.digest);
      endLayer(at, layer, diffId, await walkLayer(layout, layer, diffId, entry, { signal, unpacked }));
    }
  };
  await walk(
    (entry) => {
      const [searched, listed] = [recorder.entry(entry), lists.entry(entry)];
      if (!searched && !listed) return undefined;
      return collected((content) => {
        if (searched) recorder.content(entry.path, content);
        if (listed) lists.content(entry.path, content);
      });
    },
    (at, layer, diffId, walked) => {
      const made = origin?.layers[at];
      const line = origin && made?.line !== undefined ? `${origin.file}:${made.line}` : undefined;
      // The build knows it better than the image's history, in which entries may be missing.
      const createdBy = made?.kind === 'instruction' ? instructionOf(log.redact(made.text)) : rootfs.createdBy[at];
      recorder.endLayer({
        digest: layer.digest,
        diffId,
        size: layer.size,
        unpacked: walked.size,
        entries: walked.entries,
        createdBy,
        line,
      });
      lists.endLayer();
    },
  );
  const again = (visitor: LayerVisitor) =>
    walk(
      (entry) => visitor.entry(entry),
      () => visitor.endLayer(),
    );
  const hidden = await hiddenPackages(lists, again);
  recorder.addPackages(hidden, lists.systemPackages, await languagePackages(lists, again));
  return recorder.result;
}

/** A layer that was not read must not pass as clean. */
function notHere(digest: Digest): TidegateError {
  return new TidegateError(
    'layer-absent',
    `The layer ${digest} is non-distributable and not in the layout, so it was not scanned.`,
    {
      next: 'Build without prefer-nondist-layers, so that BuildKit adds the layer to the layout.',
    },
  );
}

/** Collects a small file completely. Nearly all files arrive in one chunk and are not copied. */
function collected(whole: (content: Buffer) => void): ContentSink {
  const pieces: Buffer[] = [];
  return (piece, last) => {
    if (last && pieces.length === 0) return whole(piece);
    pieces.push(Buffer.from(piece));
    if (last) whole(Buffer.concat(pieces));
  };
}
