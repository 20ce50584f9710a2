import { lstat, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { type BaseImage, baseImagesOf, DockerfileError, listFiles, sourcesAmong } from '@tidegate/source';
import { isFolderAt, MOST_FILES, nameIn, type SourceFile, unusable } from '../support/manifests/workspace-paths.ts';

/** A Dockerfile with its base images. */
export interface Dockerfile extends SourceFile {
  readonly text: string;
  readonly bases: readonly BaseImage[];
}

/** As for lint-source. Real Dockerfiles are far shorter. */
const LARGEST = 256 * 1024;

/**
 * Read the Dockerfiles of the input `files`; default: all of the workspace, without those of installed packages and test
 * data. Symbolic links are not followed.
 * @throws TidegateError `input-path-unusable`, `dockerfile-unreadable`, `dockerfile-syntax`
 */
export async function readDockerfiles(
  given: readonly string[],
  check: boolean,
  job: Job,
): Promise<readonly Dockerfile[]> {
  const found = new Map<string, Dockerfile>();
  for (const text of given.length > 0 ? given : ['.']) {
    const top = resolve(job.workspace, text);
    const isFolder = await isFolderAt(top, text, job);
    const paths = isFolder ? sourcesAmong(await listFiles(top)).dockerfiles.map((path) => join(top, path)) : [top];
    if (found.size + paths.length > MOST_FILES) throw unusable(text, `at most ${MOST_FILES} Dockerfiles`);
    for (const path of paths) {
      const file = await readOne(path, isFolder && !check, job);
      if (file) found.set(path, file);
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** @returns undefined for a file that cannot be read and may be left alone: it may be a template */
async function readOne(path: string, mayBeLeft: boolean, job: Job): Promise<Dockerfile | undefined> {
  const name = nameIn(job, path);
  try {
    if ((await lstat(path)).size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1024} KiB`);
    const bytes = await readFile(path);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, name, bytes, text, bases: baseImagesOf(text) };
  } catch (error) {
    const line = error instanceof DockerfileError ? error.line : undefined;
    const message = `${name} cannot be read${line ? ` at line ${line}` : ''}: ${messageOf(error)}.`;
    if (!mayBeLeft) {
      const place = line === undefined ? undefined : { file: name, line };
      throw new TidegateError(line ? 'dockerfile-syntax' : 'dockerfile-unreadable', message, { place, cause: error });
    }
    job.log.notice(`${message} It is left alone.`);
    return undefined;
  }
}
