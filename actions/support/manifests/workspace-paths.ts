import { lstat, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { badInput, type TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** A file of the workspace as it was read. */
export interface SourceFile {
  /** On this machine. */
  readonly path: string;
  /** Within the workspace, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that one input may name. */
export const MOST_FILES = 5000;

/** The name of a file within the workspace, with `/`. */
export function nameIn({ workspace }: Pick<Job, 'workspace'>, path: string): string {
  return relative(workspace, path).split(sep).join('/');
}

/** @throws TidegateError `input-path-unusable` for links, and for what does not exist */
export async function isFolderAt(path: string, text: string, { workspace }: Job, input = 'files'): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  const within = relative(workspace, path);
  // A commit can make any folder of the workspace a link; a path outside of it is the choice of the step.
  if (found && !/^\.\.(?:$|[/\\])/.test(within) && (await realpath(path)) !== join(await realpath(workspace), within)) {
    throw unusable(text, 'a path without links', input);
  }
  if (found?.isDirectory()) return true;
  if (found?.isFile()) return false;
  throw unusable(text, found ? 'a file or folder, not a link' : 'an existing file or folder', input);
}

export function unusable(text: string, expected: string, input = 'files'): TidegateError {
  return badInput('input-path-unusable', input, text, expected, 'Correct the path, relative to the workspace.');
}
