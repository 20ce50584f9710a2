import { open, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type CommitObjects, committedFile, isAsCommitted, TidegateError } from '@tidegate/core';
import { isGitContext, type Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { assertCommitted, otherCommit } from './committed-folder.ts';
import { checkoutsAround, commitNamed, isInWorkspace, isOutside, ownCheckout, ownObjects } from './own-commit.ts';

interface BuildInputs {
  readonly context: string;
  readonly file: string;
  readonly 'build-contexts': readonly (readonly [string, string])[];
  readonly token: string;
}

/**
 * Hold what a build reads to the commit of this run: its context's checkout, and by content the files that decide, the
 * Dockerfile and the ignore files. The rest of a context may have been written by steps before: compiled programs, for
 * example.
 * @throws TidegateError `bad-input`
 */
export async function assertBuildCommitted(inputs: BuildInputs, job: Job, services: Services): Promise<void> {
  if (!job.env.GITHUB_SHA) return;
  const path = (text: string) => resolve(job.workspace, text);
  const ignoreFile = (context: string) => join(path(context), '.dockerignore');
  const files: string[] = [];
  if (!isGitContext(inputs.context)) {
    const context = path(inputs.context);
    const isKnown = await assertCommitted('The build context', context, job, services);
    if (!isKnown && isInWorkspace(context, job)) {
      job.log.warning(
        `The build context lies in no git checkout: only its Dockerfile and ignore files are compared with commit ${job.env.GITHUB_SHA}. → Run actions/checkout in this job, with git installed.`,
      );
    }
    const dockerfile = inputs.file ? path(inputs.file) : join(context, 'Dockerfile');
    files.push(dockerfile, `${dockerfile}.dockerignore`, ignoreFile(inputs.context));
  }
  for (const [, source] of inputs['build-contexts']) {
    // That of another repository is that repository's affair; what is no folder has none.
    const around = await checkoutsAround(path(source), job);
    if (around[0] && around[0] === ownCheckout(around, job)) files.push(ignoreFile(source));
  }
  await assertFilesCommitted(files, inputs.token, job, services);
}

/**
 * Hold files to the commit of this run by their content: HEAD is a line of text, and a former job on a runner that is kept
 * may have changed what lies beside it, or may have taken the repository away. A file that the commit does not have is
 * refused too; outside of the workspace and below RUNNER_TEMP, which the runner empties for each job, nothing is.
 * @param files absolute; one that neither the commit nor the work tree has is nothing to compare
 * @throws TidegateError `bad-input`
 */
async function assertFilesCommitted(
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
  /** The repository's folder, without links. */
  readonly top: string;
  /** The workspace, without links. */
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

/** Bytes: the longest that a blob is read of. */
const LONGEST = 16 * 1024 * 1024;

async function assertFile(file: string, { objects, top, workspace }: Place, job: Job): Promise<void> {
  const shown = relative(job.workspace, file);
  const path = relative(top, join(workspace, shown));
  const [here, committed] = await Promise.all([
    readFileHere(file),
    // Through a link out of the checkout: nothing of the commit.
    isOutside(path, '') ? undefined : committedFile(objects, path),
  ]);
  if (here === undefined && committed === undefined) return;
  const commit = commitNamed(objects.commit, job);
  const elsewhere =
    'write it below RUNNER_TEMP, which is empty when a job begins, and name it as `file` (its ignore file is FILE.dockerignore beside it)';
  if (here === undefined) {
    throw new TidegateError('bad-input', `${shown} of ${commit} is not in the work tree.`, {
      next: 'Run actions/checkout in this job, and do not remove the file.',
    });
  }
  if (committed === undefined) {
    throw new TidegateError(
      'bad-input',
      `${shown} is not in ${commit}: a step before this one, or another job on this runner, wrote it.`,
      { next: `Commit it, or ${elsewhere}.` },
    );
  }
  if (!isAsCommitted(here, committed)) {
    throw new TidegateError('bad-input', `${shown} is not as in ${commit}: it was changed after the checkout.`, {
      next: `Commit the change, use build-args for what varies, or ${elsewhere}.`,
    });
  }
}

/** Undefined where there is no file. A link is followed, as BuildKit follows it. */
async function readFileHere(path: string): Promise<Buffer | undefined> {
  try {
    await using handle = await open(path);
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    if (found.size > LONGEST) {
      throw new TidegateError('bad-input', `${path} has ${found.size} bytes, more than ${LONGEST}.`, {
        next: 'Name a Dockerfile or an ignore file that people can read.',
      });
    }
    return await handle.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
