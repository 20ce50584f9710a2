import { open } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { badInput } from '@tidegate/core';
import type { BakeFile, Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { assertFilesCommitted } from '../../support/build/committed-files.ts';
import { isWrittenOutside } from '../../support/build/own-commit.ts';

/** Bytes. */
const LONGEST = 1024 * 1024;
/** buildx, bake/bake.go: a target, a group, or a pattern of their names. Anything else could be a remote definition. */
const TARGET = /^[A-Za-z0-9_.*?[\]][A-Za-z0-9_.*?[\]-]{0,127}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

/** The bake files, and where those in the repository are, relative to its top. */
export interface ReadBakeFiles {
  readonly files: readonly BakeFile[];
  readonly paths: readonly string[];
}

/**
 * Read the bake files of the commit, or those that an earlier step wrote below RUNNER_TEMP.
 * @throws TidegateError `bad-input`
 */
export async function readBakeFiles(
  names: readonly string[],
  token: string,
  job: Job,
  services: Services,
): Promise<ReadBakeFiles> {
  const paths = names.map((name) => pathOf(name, job));
  await assertFilesCommitted(paths, token, job, services);
  const files: BakeFile[] = [];
  for (const [at, path] of paths.entries())
    files.push({ name: names[at] ?? path, text: await textOf(names[at] ?? '', path) });
  const own = paths.filter((path) => !isWrittenOutside(path, job.workspace));
  return { files, paths: own.map((path) => relative(job.workspace, path)) };
}

function pathOf(name: string, job: Job): string {
  // docker/bake-action: a file of this machine beside a remote definition. Here every file is one.
  const path = resolve(job.workspace, name.replace(/^cwd:\/\//, ''));
  const isRemote = /^[a-z][a-z0-9+.-]*:\/\/|^[^/][^/@]*@[^/][^/:]*:/i.test(name.replace(/^cwd:\/\//, ''));
  if (!isRemote && name !== '-' && (!isWrittenOutside(path, job.workspace) || !isWrittenOutside(path, job.temp)))
    return path;
  throw badInput(
    'input-path-unusable',
    'bake-files',
    name,
    'a file of the repository, or below RUNNER_TEMP',
    'Commit the file to this repository: a remote definition could change without a commit.',
  );
}

async function textOf(name: string, path: string): Promise<string> {
  const wrong = (expected: string) =>
    badInput('input-path-unusable', 'bake-files', name, expected, 'Correct the path: it starts at the workspace.');
  try {
    await using handle = await open(path);
    const found = await handle.stat();
    if (!found.isFile() || found.size > LONGEST) throw wrong(`a file of at most ${LONGEST} bytes`);
    return await handle.readFile('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw wrong('a file that exists');
    throw error;
  }
}

/** @throws TidegateError `bad-input` for text that buildx would take for an option or a URL */
export function assertTargetNames(targets: readonly string[]): void {
  const wrong = targets.find((target) => !TARGET.test(target));
  if (wrong === undefined) return;
  const expected = 'names of targets and groups: letters, digits, dashes, underscores, and patterns with * and ?';
  throw badInput('input-format-wrong', 'targets', wrong, expected, 'Write for example api,web.');
}

/** @throws TidegateError `bad-input` for a variable that no file mentions: it would have no effect */
export function assertVariables(
  variables: readonly (readonly [name: string, value: string])[],
  files: readonly BakeFile[],
): void {
  for (const [name] of variables) {
    if (VARIABLE.test(name) && files.some(({ text }) => text.includes(name))) continue;
    const expected = 'variables that a bake file declares';
    throw badInput('input-conflict', 'bake-vars', name, expected, 'Correct the name, or remove the line.');
  }
}
