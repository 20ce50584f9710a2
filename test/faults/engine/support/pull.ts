import { rm } from 'node:fs/promises';
import { hasKind } from '@tidegate/core';
import { copy, ImageLayout, Registry, staticCredentials } from '@tidegate/oci';
import { impatient, LOGIN, REPOSITORY } from './push.ts';

export interface PullFrom {
  readonly host: string;
  readonly folder: string;
  /** Digest of the image. */
  readonly root: string;
}

/** Pulls the image and all its evidence into a layout, a new one or one from an interrupted pull. */
export async function pull({ host, folder, root }: PullFrom): Promise<void> {
  const registry = new Registry(
    { registry: host, repository: REPOSITORY },
    { timing: impatient(), credentials: staticCredentials(host, LOGIN.username, LOGIN.password) },
  );
  try {
    const layout = (await openedIfAny(folder)) ?? (await ImageLayout.create(folder));
    await copy(registry, layout, [await registry.resolve(root)]);
  } finally {
    registry.close();
  }
}

/** A folder that never became a layout is empty, and is removed. */
export async function openedIfAny(folder: string): Promise<ImageLayout | undefined> {
  try {
    return await ImageLayout.open(folder);
  } catch (error) {
    if (!hasKind(error, 'layout')) throw error;
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}
