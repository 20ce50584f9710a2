import { symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { digestOf, hexOf } from '@tidegate/core';

/**
 * The build context under a path that BuildKit accepts. buildx sends the folder name in a gRPC header
 * (`x-docker-expose-session-sharedkey`), which may contain printable ASCII only.
 * @param work folder for a link to the context, removed after the build
 * @returns the context itself if its name is ASCII
 */
export async function contextPath(context: string, work: string): Promise<string> {
  const name = basename(resolve(context));
  if (/^[\x20-\x7e]*$/.test(name)) return context;
  // BuildKit finds the cached files of an earlier build by this name, so each folder needs its own name.
  const link = join(work, `context-${hexOf(digestOf(name)).slice(0, 12)}`);
  await symlink(resolve(context), link);
  return link;
}
