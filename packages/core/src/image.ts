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
