import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from './layers.ts';

export interface PlatformImage {
  readonly architecture: string;
  readonly layers: readonly Layer[];
  /** `config` of the image: Env, User, WorkingDir (image-spec, config.md). */
  readonly config: Readonly<Record<string, unknown>>;
}

/** An empty image layout. @returns where its blobs go. */
export async function startLayout(folder: string): Promise<string> {
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return blobs;
}

/** Write configs, manifests and the index over layers that are there already, under the name `latest`. */
export async function finishLayout(folder: string, images: readonly PlatformImage[]): Promise<void> {
  const blobs = join(folder, 'blobs/sha256');
  const manifests = [];
  for (const { architecture, layers, config } of images) {
    const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
    const mediaType = 'application/vnd.oci.image.config.v1+json';
    const described = await writeJson(blobs, { architecture, os: 'linux', config, rootfs, history: [] }, mediaType);
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: described,
      layers: layers.map(({ diffId: _, ...layer }) => layer),
    };
    const descriptor = await writeJson(blobs, manifest, manifest.mediaType);
    manifests.push({ ...descriptor, platform: { architecture, os: 'linux' } });
  }
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  const root = await writeJson(blobs, index, index.mediaType);
  const named = { ...root, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
  await writeFile(join(folder, 'index.json'), JSON.stringify({ ...index, manifests: [named] }));
}

async function writeJson(blobs: string, value: unknown, mediaType: string) {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}
