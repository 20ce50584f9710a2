import { packageLayers } from '@tidegate/attest';
import { type CauseMap, type PlatformImage, parseStrictJson, readConfig } from '@tidegate/core';
import { readManifest } from '@tidegate/oci';
import { readLayerRecord } from '../evidence/layer-record.ts';
import { readSyftOf } from '../evidence/store.ts';
import type { Target } from '../target.ts';

/**
 * The instruction or layer that added each package of a platform: from the record that the build stored and the catalog.
 * @returns undefined for an image that was built elsewhere: only the order of its layers is known
 * @throws TidegateError `evidence` when a record cannot be read
 */
export async function causesOf(target: Target, { descriptor }: PlatformImage): Promise<CauseMap | undefined> {
  const { layout } = target;
  const origin = await readLayerRecord(target, descriptor.digest);
  if (!origin) return undefined;
  const manifest = await readManifest(layout, descriptor);
  if (manifest.kind !== 'manifest') return undefined;
  const where = `config ${manifest.config.digest}`;
  const config = parseStrictJson(await layout.fetchBytes(manifest.config), where);
  const { diffIds } = readConfig(config, manifest.layers.length, where).rootfs;
  let packages = target.evidence.packageLayers(descriptor.digest);
  const bytes = packages ? undefined : (await readSyftOf(target, descriptor)).bytes;
  return {
    origin,
    diffIds,
    // A catalog has megabytes: it is read for the first finding only, and never for an image without findings.
    get packages() {
      packages ??= bytes ? packageLayers(bytes) : new Map();
      return packages;
    },
  };
}
