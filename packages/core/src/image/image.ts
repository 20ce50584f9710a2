import type { Descriptor } from './descriptor.ts';
import type { Platform } from './platform.ts';

/** One platform's manifest of an image. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
}

/** The input of a stage: the root (an index, or the manifest of a single-platform image) and its platforms. */
export interface Image {
  readonly root: Descriptor;
  readonly platforms: readonly PlatformImage[];
}

/** The root and every platform's manifest, each once, root first: the subjects of evidence. */
export function manifestsOf(image: Image): readonly Descriptor[] {
  const all = [image.root, ...image.platforms.map(({ descriptor }) => descriptor)];
  return [...new Map(all.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
