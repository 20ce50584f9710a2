/** For tests of copies: layouts in a scratch folder, a registry to copy to, and an image with evidence. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Descriptor, MediaType } from '@tidegate/core';
import { type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, put, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';

/** Everything of one test file lies below it. */
export const base = scratchFolder('copy');
export const open: { close(): unknown }[] = [];

/** For afterEach: what the last test started. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

/** For afterAll. */
export const removeAll = () => rmSync(base, { recursive: true, force: true });

export const emptyLayout = () => ImageLayout.create(mkdtempSync(join(base, 'layout-')));

export async function startTarget(options: RegistryServerOptions = {}) {
  const server = await startRegistry(options);
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(server, registry);
  return { server, registry };
}

/** Two platforms that share a layer, an SBOM for each, and a signature of one SBOM. */
export async function example() {
  const layout = await emptyLayout();
  const platforms = ['linux/amd64', 'linux/arm64'];
  const images: Descriptor[] = [];
  for (const platform of platforms) {
    images.push({ ...(await addImage(layout, platform, ['shared', platform])), platform: platformOf(platform) });
  }
  writeFileSync(join(layout.folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
  const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: images };
  const root = await put(layout, MediaType.index, index);
  await layout.add(root);
  const sboms: Descriptor[] = [];
  for (const { mediaType, digest, size } of images) {
    sboms.push(await addReferrer(layout, { mediaType, digest, size }, 'application/sbom'));
  }
  const signature = await addReferrer(layout, sboms[0] as Descriptor, 'application/signature');
  return { layout, root, images, sboms, signature };
}

export const platformOf = (text: string) => ({ os: text.split('/')[0] ?? '', architecture: text.split('/')[1] ?? '' });

export function readdirWithText(layout: ImageLayout, text: string): string | undefined {
  const folder = join(layout.folder, 'blobs/sha256');
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => readFileSync(path, 'utf8') === text);
}
