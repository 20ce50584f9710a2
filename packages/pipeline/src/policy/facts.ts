import {
  type Digest,
  type Image,
  MANIFEST_LIMIT,
  type PlatformFacts,
  parseStrictJson,
  readConfig,
  readInstant,
  TidegateError,
} from '@tidegate/core';
import { readManifest, type Store } from '@tidegate/oci';
import type { Services } from '../services.ts';

/**
 * Facts from the manifest and config of every platform, for the rules about the image itself.
 */
export async function platformFacts(
  { layout, image }: { readonly layout: Store; readonly image: Image },
  { signal }: Pick<Services, 'signal'>,
): Promise<ReadonlyMap<Digest, PlatformFacts>> {
  const facts = new Map<Digest, PlatformFacts>();
  for (const { descriptor } of image.platforms) {
    const manifest = await readManifest(layout, descriptor, { signal });
    if (manifest.kind !== 'manifest')
      throw new TidegateError('layout-not-platform', `${descriptor.digest} is not the manifest of a platform.`);
    const { config, layers } = manifest;
    const where = `config ${config.digest}`;
    const value = parseStrictJson(await layout.fetchBytes(config, { signal, limit: MANIFEST_LIMIT }), where);
    const { facts: said } = readConfig(value, layers.length, where);
    const oldestLayer = firstDate(value);
    facts.set(descriptor.digest, {
      size: [config, ...layers].reduce((sum, blob) => sum + blob.size, 0),
      layers: layers.length,
      user: said.user,
      ports: said.exposedPorts,
      volumes: said.volumes,
      oldestLayer,
    });
  }
  return facts;
}

/** Reproducible builds use the earliest timestamp that their format supports. */
const NEVER_BEFORE = Date.UTC(1980, 0, 2);

/**
 * Creation time of the lowest layer: the first history entry (OCI image-spec, config.md) is from the base image. Later
 * entries do not describe the base: entries of this build have the time of the commit.
 */
function firstDate(config: unknown): Date | undefined {
  const { history } = config as { history?: unknown };
  const [first] = Array.isArray(history) ? history : [];
  const created = typeof first === 'object' && first !== null ? (first as { created?: unknown }).created : undefined;
  const date = typeof created === 'string' ? readInstant(created) : undefined;
  return date && date.getTime() >= NEVER_BEFORE ? date : undefined;
}
