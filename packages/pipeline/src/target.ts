import { formatPlatform, type Image, TidegateError } from '@tidegate/core';
import { ImageLayout, readImage } from '@tidegate/oci';

/** What a stage works on: an image layout and the image in it. */
export interface Target {
  readonly layout: ImageLayout;
  readonly image: Image;
}

/**
 * Open a layout that holds one image and whatever evidence it has.
 * @throws TidegateError `layout` when it is no layout, `bad-input` when it holds no image or several.
 */
export async function openTarget(folder: string): Promise<Target> {
  const layout = await ImageLayout.open(folder);
  const roots = await layout.images();
  const [root] = roots;
  if (!root || roots.length > 1) {
    throw new TidegateError('bad-input', `Input layout: ${layout.name} holds ${roots.length} images, expected one.`, {
      next: root ? 'Give every image a layout of its own.' : 'Build one into it first (build-image).',
    });
  }
  return { layout, image: await readImage(layout, root) };
}

/** Platform to manifest digest, as outputs and summaries show it. */
export function platformDigests(image: Image): Record<string, string> {
  return Object.fromEntries(image.platforms.map((one) => [formatPlatform(one.platform), one.descriptor.digest]));
}

/** A file or folder name for a platform: `linux-arm-v7`. */
export function platformSlug(one: Image['platforms'][number]): string {
  return formatPlatform(one.platform).replaceAll('/', '-');
}
