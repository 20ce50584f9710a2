import { readFile, writeFile } from 'node:fs/promises';
import { counted, inlineCode, TidegateError } from '@tidegate/core';
import { type ChangedFile, type Job, proposeChanges } from '@tidegate/runner';
import type { SourceFile } from '../support/manifests/workspace-paths.ts';

export interface Change {
  readonly file: SourceFile;
  readonly after: Uint8Array;
}

/** How to make the changes: in the workspace, or as a pull request. */
export interface ChangeInputs {
  readonly 'pull-request': boolean;
  readonly token: string;
}

export interface Proposal {
  /** The error for a file that another program changed meanwhile. */
  readonly unreadable: 'manifest-unreadable' | 'dockerfile-unreadable';
  readonly branch: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/**
 * Write the files, or propose the change as a pull request.
 * @returns the outputs `changed-files` and `pull-request-url`
 */
export async function makeChanges(
  changes: readonly Change[],
  proposal: Proposal,
  inputs: ChangeInputs,
  job: Job,
): Promise<{ 'changed-files': string; 'pull-request-url': string }> {
  const names = changes.map(({ file }) => file.name).join('\n');
  const url = inputs['pull-request']
    ? await proposed(changes, proposal, inputs, job)
    : await written(changes, proposal, job);
  return { 'changed-files': names, 'pull-request-url': url };
}

/** Names of the files as a list, for the text of a pull request. */
export function fileList(changes: readonly Change[]): string {
  return changes.map(({ file }) => `- ${inlineCode(file.name)}`).join('\n');
}

async function written(changes: readonly Change[], { unreadable }: Proposal, job: Job): Promise<string> {
  for (const { file, after } of changes) await writePinned(file, after, unreadable);
  job.log.info(
    changes.length === 0 ? 'Nothing is to be changed.' : `Changed ${counted(changes.length, 'file', 'files')}.`,
  );
  return '';
}

/** @throws TidegateError if the file has changed since it was read */
async function writePinned(
  { path, name, bytes }: SourceFile,
  after: Uint8Array,
  unreadable: Proposal['unreadable'],
): Promise<void> {
  if (!(await readFile(path)).equals(bytes)) {
    throw new TidegateError(unreadable, `${name} was changed by another program and is not written.`, {
      next: 'Run the step again.',
    });
  }
  await writeFile(path, after);
}

async function proposed(
  changes: readonly Change[],
  proposal: Proposal,
  inputs: ChangeInputs,
  job: Job,
): Promise<string> {
  const { GITHUB_REF: ref = '', GITHUB_SHA: commit = '' } = job.env;
  const base = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (base === undefined || commit === '') {
    throw new TidegateError('not-a-workflow', `The pull request has no branch to merge into: GITHUB_REF is "${ref}".`, {
      next: 'Run the step for a branch: on push, schedule or workflow_dispatch.',
    });
  }
  if (changes.length === 0) {
    job.log.info('Nothing is to be changed. No pull request is needed.');
    return '';
  }
  const files = changes.map(({ file, after }): ChangedFile => ({ path: file.name, before: file.bytes, after }));
  const { branch, title, body } = proposal;
  const pull = await proposeChanges(job, inputs.token, { branch, title, body, base, commit, files });
  job.log.info(`Pull request ${pull.number} was ${pull.did}: ${pull.url}`);
  return pull.url;
}
