import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Descriptor, TidegateError } from '@tidegate/core';
import { formatIndexFile, LAYOUT_FILE, VERSION_FILE } from '../layout/index-json.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { blobsOf, readManifest } from './image.ts';

export interface PlatformViewOptions {
  /** Hash every blob first (default). The tools that read the view do not. Leave it out only for what was just hashed. */
  readonly verify?: boolean;
}

/**
 * A layout folder that holds one platform's manifest only, for tools that take a folder and choose themselves (Syft).
 * Its folder of blobs is a symbolic link: Syft refuses blobs that are links themselves, and hard links would make the
 * layout's own files look tampered with. What its index does not name, nobody reads.
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
    throw new TidegateError('conflict', `${view} is in use: a view is made in an empty folder.`, {
      next: 'Choose another folder.',
    });
  }
  const manifest = await readManifest(layout, descriptor);
  if (manifest.kind !== 'manifest') {
    throw new TidegateError(
      'layout',
      `${layout.name}: ${descriptor.digest} is an index, not one platform's manifest.`,
      {
        next: "Give one platform's manifest.",
      },
    );
  }
  for (const blob of [descriptor, ...blobsOf(manifest)]) {
    if (options.verify ?? true) for await (const _ of await layout.fetch(blob));
    else if (!(await layout.exists(blob))) {
      throw new TidegateError('not-found', `${layout.name}: ${blob.digest} is missing.`, {
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
