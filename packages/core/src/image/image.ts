import type { Descriptor } from './descriptor.ts';
import type { Platform } from './platform.ts';

/** One platform's manifest of an image. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
}

/** What a stage works on: the root (an index, or the manifest itself where there is one platform) and its platforms. */
export interface Image {
  readonly root: Descriptor;
  readonly platforms: readonly PlatformImage[];
}

/** The root and every platform's manifest, each once, root first: what evidence is about. */
export function manifestsOf(image: Image): readonly Descriptor[] {
  const all = [image.root, ...image.platforms.map(({ descriptor }) => descriptor)];
  return [...new Map(all.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
