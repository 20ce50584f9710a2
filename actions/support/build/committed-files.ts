import { open, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type CommitObjects, committedFile, isAsCommitted, TidegateError } from '@tidegate/core';
import { isGitContext, type Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { assertCommitted, otherCommit } from './committed-folder.ts';
import {
  checkoutsAround,
  commitNamed,
  isInWorkspace,
  isWrittenOutside,
  ownCheckout,
  ownObjects,
} from './own-commit.ts';

interface BuildInputs {
  readonly context: string;
  readonly file: string;
  readonly 'build-contexts': readonly (readonly [string, string])[];
  readonly token: string;
}

/**
 * Compare the inputs of a build with the commit of this run: its context's checkout, and by content the Dockerfile and
 * the ignore files. Earlier steps may have written the rest of a context: compiled programs, for example.
 * @param more absolute paths of other files that decide on the build
 * @throws TidegateError `bad-input`
 */
export async function assertBuildCommitted(
  inputs: BuildInputs,
  job: Job,
  services: Services,
  more: readonly string[] = [],
): Promise<void> {
  if (!job.env.GITHUB_SHA) return;
  const path = (text: string) => resolve(job.workspace, text);
  const ignoreFile = (context: string) => join(path(context), '.dockerignore');
  const files: string[] = [...more];
  if (!isGitContext(inputs.context)) {
    const context = path(inputs.context);
    const isKnown = await assertCommitted('The build context', context, job, services);
    if (!isKnown && isInWorkspace(context, job)) {
      job.log.warning(
        `The build context is in no git checkout, so only its Dockerfile and ignore files are compared with commit ${job.env.GITHUB_SHA}. → Run actions/checkout in this job, with git installed.`,
      );
    }
    const dockerfile = inputs.file ? path(inputs.file) : join(context, 'Dockerfile');
    files.push(dockerfile, `${dockerfile}.dockerignore`, ignoreFile(inputs.context));
  }
  for (const [, source] of inputs['build-contexts']) {
    // A context from another repository is not checked here, and a context that is not a folder has no ignore file.
    const around = await checkoutsAround(path(source), job);
    if (around[0] && around[0] === ownCheckout(around, job)) files.push(ignoreFile(source));
  }
  await assertFilesCommitted(files, inputs.token, job, services);
}

/**
 * Compare files with the commit of this run by content. HEAD is only a line of text: an earlier job on a persistent
 * runner may have changed the files beside it, or may have removed the repository. A file that the commit does not have
 * fails, too. Files outside of the workspace and below RUNNER_TEMP, which the runner empties for each job, are not
 * checked.
 * @param files absolute paths; a file in neither the commit nor the work tree is skipped
 * @throws TidegateError `bad-input`
 */
export async function assertFilesCommitted(
  files: readonly string[],
  token: string,
  job: Job,
  services: Services,
): Promise<void> {
  const places = new Map<string, Promise<Place>>();
  for (const file of files) {
    if (!isInWorkspace(file, job)) continue;
    const folder = dirname(file);
    const place = places.get(folder) ?? placeOf(folder, token, job, services);
    places.set(folder, place);
    await assertFile(file, await place, job);
  }
}

interface Place {
  readonly objects: CommitObjects;
  /** The repository's folder, with symbolic links resolved. */
  readonly top: string;
  /** The workspace, with symbolic links resolved. */
  readonly workspace: string;
}

async function placeOf(folder: string, token: string, job: Job, services: Services): Promise<Place> {
  const workspace = await realpath(job.workspace);
  const around = await checkoutsAround(folder, job);
  const own = ownCheckout(around, job);
  const [other] = around;
  if (!own && other) throw otherCommit(`A file in ${relative(job.workspace, folder) || '.'}`, other, job);
  return { objects: ownObjects(own, token, job, services), top: own?.top ?? workspace, workspace };
}

/** Maximum size of a blob that is read, in bytes. */
const LONGEST = 16 * 1024 * 1024;

async function assertFile(file: string, { objects, top, workspace }: Place, job: Job): Promise<void> {
  const shown = relative(job.workspace, file);
  const path = relative(top, join(workspace, shown));
  const [here, committed] = await Promise.all([
    readFileHere(file),
    // A path that leads out of the checkout through a link is in no commit.
    isWrittenOutside(path, '') ? undefined : committedFile(objects, path),
  ]);
  if (here === undefined && committed === undefined) return;
  const commit = commitNamed(objects.commit, job);
  const elsewhere =
    'write it below RUNNER_TEMP, which is empty when a job begins, and set the input `file` to it (its ignore file is FILE.dockerignore beside it)';
  if (here === undefined) {
    throw new TidegateError('file-not-committed', `${shown} of ${commit} is missing from the work tree.`, {
      next: 'Run actions/checkout in this job, and do not remove the file.',
    });
  }
  if (committed === undefined) {
    throw new TidegateError(
      'file-not-committed',
      `${shown} is not in ${commit}: an earlier step, or another job on this runner, wrote it.`,
      { next: `Commit it, or ${elsewhere}.` },
    );
  }
  if (!isAsCommitted(here, committed)) {
    throw new TidegateError(
      'file-not-committed',
      `${shown} differs from ${commit}: it was changed after the checkout.`,
      {
        next: `Commit the change, use build-args for varying values, or ${elsewhere}.`,
      },
    );
  }
}

/** Undefined if there is no file. Links are followed, as BuildKit follows them. */
async function readFileHere(path: string): Promise<Buffer | undefined> {
  try {
    await using handle = await open(path);
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    if (found.size > LONGEST) {
      throw new TidegateError(
        'commit-too-large',
        `${path} has ${found.size} bytes, which is more than the limit of ${LONGEST}.`,
        {
          next: 'Use a smaller Dockerfile or ignore file.',
        },
      );
    }
    return await handle.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
