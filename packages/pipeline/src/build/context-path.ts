import { symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { digestOf, hexOf } from '@tidegate/core';

/**
 * The build context under a name that BuildKit takes. buildx sends the name of the folder in a gRPC header
 * (`x-docker-expose-session-sharedkey`), which may hold printable ASCII only.
 * @param work folder for a link to the context, removed after the build
 * @returns the context itself where its name is ASCII
 */
export async function contextPath(context: string, work: string): Promise<string> {
  const name = basename(resolve(context));
  if (/^[\x20-\x7e]*$/.test(name)) return context;
  // By this name BuildKit finds what it kept of the context from an earlier build: another folder needs another one.
  const link = join(work, `context-${hexOf(digestOf(name)).slice(0, 12)}`);
  await symlink(resolve(context), link);
  return link;
}
