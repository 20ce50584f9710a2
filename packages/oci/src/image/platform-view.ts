import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Descriptor, TidegateError } from '@tidegate/core';
import { formatIndexFile, LAYOUT_FILE, VERSION_FILE } from '../layout/index-json.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { blobsOf, readManifest } from './image.ts';

export interface PlatformViewOptions {
  /**
   * Verify the digest of every blob (default true), because the tools that read the view do not. Disable it only for
   * content that was just hashed.
   */
  readonly verify?: boolean;
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
  for (const blob of [descriptor, ...blobsOf(manifest)]) {
    if (options.verify ?? true) for await (const _ of await layout.fetch(blob));
    else if (!(await layout.exists(blob))) {
      throw new TidegateError('layout-content-missing', `${layout.name}: ${blob.digest} is missing.`, {
        next: 'Build the image again.',
      });
    }
  }
  await symlink(resolve(layout.folder, 'blobs'), join(view, 'blobs'));
  const { mediaType, digest, size } = descriptor;
  await writeFile(join(view, LAYOUT_FILE), formatIndexFile([{ mediaType, digest, size }]));
  await writeFile(join(view, VERSION_FILE), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return view;
}
