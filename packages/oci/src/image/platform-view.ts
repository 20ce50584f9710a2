import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Descriptor, MANIFEST_LIMIT, TidegateError } from '@tidegate/core';
import type { UnpackedLayers } from '../layers/unpacked.ts';
import { writeAtomically } from '../layout/files.ts';
import { formatIndexFile, LAYOUT_FILE, VERSION_FILE } from '../layout/index-json.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { blobsOf, readManifest } from './image.ts';

export interface PlatformViewOptions {
  /**
   * Verify the digest of every blob (default true), because the tools that read the view do not. Disable it only for
   * content that was just hashed.
   */
  readonly verify?: boolean;
  /** All layers of the platform are in it: the view has these files in place of the packed ones. */
  readonly unpacked?: UnpackedLayers | undefined;
}

/**
 * Create a layout folder with only one platform's manifest, for tools that select an image in a folder themselves
 * (Syft). Its blobs folder is a symbolic link: Syft rejects blobs that are links themselves, and hard links would make
 * the layout's own files look tampered with. Blobs that are not in its index are never read.
 * @returns the absolute path of the view
 */
export async function platformView(
  layout: ImageLayout,
  descriptor: Descriptor,
  folder: string,
  options: PlatformViewOptions = {},
): Promise<string> {
  const view = resolve(folder);
  await mkdir(view, { recursive: true });
  if ((await readdir(view)).length > 0) {
    throw new TidegateError('layout-not-empty', `${view} is not empty: a view is only created in an empty folder.`, {
      next: 'Choose another folder.',
    });
  }
  const manifest = await readManifest(layout, descriptor);
  if (manifest.kind !== 'manifest') {
    throw new TidegateError(
      'layout-not-platform',
      `${layout.name}: ${descriptor.digest} is an index, not one platform's manifest.`,
      {
        next: "Use the digest of one platform's manifest.",
      },
    );
  }
  const { unpacked } = options;
  for (const blob of unpacked ? [descriptor, manifest.config] : [descriptor, ...blobsOf(manifest)]) {
    if (unpacked)
      await writeAtomically(unpacked.pathOf(blob), await layout.fetchBytes(blob, { limit: MANIFEST_LIMIT }));
    else if (options.verify ?? true) for await (const _ of await layout.fetch(blob));
    else if (!(await layout.exists(blob))) {
      throw new TidegateError('layout-content-missing', `${layout.name}: ${blob.digest} is missing.`, {
        next: 'Build the image again.',
      });
    }
  }
  await symlink(unpacked?.folder ?? resolve(layout.folder, 'blobs'), join(view, 'blobs'));
  const { mediaType, digest, size } = descriptor;
  await writeFile(join(view, LAYOUT_FILE), formatIndexFile([{ mediaType, digest, size }]));
  await writeFile(join(view, VERSION_FILE), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return view;
}
