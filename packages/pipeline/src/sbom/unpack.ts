import { MANIFEST_LIMIT, type PlatformImage, parseStrictJson, readConfig, TidegateError } from '@tidegate/core';
import { readManifest, type UnpackedLayers } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';

/**
 * Unpack a platform's layers for Syft and for the check of their contents, which would both decompress them.
 * @returns whether all of them are unpacked. If not, each reader decompresses what it reads, and reports what is wrong.
 */
export async function unpackLayers(
  { layout }: Target,
  { descriptor }: PlatformImage,
  unpacked: UnpackedLayers,
  { signal }: Pick<Services, 'signal'>,
): Promise<boolean> {
  try {
    const manifest = await readManifest(layout, descriptor, { signal });
    if (manifest.kind !== 'manifest') return false;
    const { config, layers } = manifest;
    const bytes = await layout.fetchBytes(config, { signal, limit: MANIFEST_LIMIT });
    const where = `config ${config.digest}`;
    const { diffIds } = readConfig(parseStrictJson(bytes, where), layers.length, where, (text) => text).rootfs;
    const all = layers.flatMap((layer, at) => {
      const diffId = diffIds[at];
      return diffId === undefined ? [] : [{ layer, diffId }];
    });
    return (await unpacked.unpack(layout, all, { signal })) && all.length === layers.length;
  } catch (error) {
    if (signal.aborted || !(error instanceof TidegateError)) throw error;
    return false;
  }
}
