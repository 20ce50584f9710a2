import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { badInput, type GitState, type Labels, parsePlatform } from '@tidegate/core';
import { type BuildOptions, type BuildSecret, isGitContext, isGitFolder } from '@tidegate/pipeline';
import type { Inputs, Job } from '@tidegate/runner';
import type { action } from '../build-image/action.ts';
import { builderId, invocationId, sourceDateEpoch, sourceOf } from './origin.ts';

type BuildInputs = Omit<Inputs<typeof action>, 'layout' | 'name' | 'tools' | 'tools-mirror'>;

/** The build stage's options from the action's inputs. Paths are seen from the workspace. */
export async function buildOptions(
  inputs: BuildInputs,
  job: Job,
  git: GitState,
  image: { readonly layout: string; readonly labels: Labels; readonly annotations: Labels },
): Promise<BuildOptions> {
  const path = (text: string) => resolve(job.workspace, text);
  const epoch = inputs['source-date-epoch'];
  if (epoch !== '' && epoch !== 'none' && !/^\d{1,12}$/.test(epoch)) {
    throw badInput(
      'source-date-epoch',
      epoch,
      'seconds since 1970, or none',
      'Leave it out to use the time of the commit.',
    );
  }
  // By itself nothing is said that BuildKit fails at; who says it anyway gets BuildKit's answer.
  const seconds = epoch === '' && isGitFolder(inputs.context) ? undefined : sourceDateEpoch(epoch, git);
  const invocation = invocationId(job);
  const git_ = isGitContext(inputs.context);
  return {
    context: git_ ? inputs.context : path(inputs.context),
    ...(git_ ? {} : { shownContext: relative(job.workspace, path(inputs.context)) || '.' }),
    // Inside a git context the path is BuildKit's to find; outside it is a file of the workspace.
    ...(inputs.file ? { file: git_ ? inputs.file : path(inputs.file) } : {}),
    shownFile: git_
      ? inputs.file || 'Dockerfile'
      : relative(job.workspace, inputs.file ? path(inputs.file) : join(path(inputs.context), 'Dockerfile')),
    ...(inputs.target ? { target: inputs.target } : {}),
    platforms: inputs.platforms.map((text) => parsePlatform(text)),
    buildArgs: inputs['build-args'],
    secrets: await secretsOf(inputs, job),
    ssh: inputs.ssh,
    buildContexts: inputs['build-contexts'],
    labels: Object.entries(image.labels),
    annotations: Object.entries(image.annotations),
    cacheFrom: inputs['cache-from'],
    cacheTo: inputs['cache-to'],
    noCache: inputs['no-cache'],
    pull: inputs.pull,
    network: inputs.network,
    ulimit: inputs.ulimit,
    ...(inputs['shm-size'] ? { shmSize: inputs['shm-size'] } : {}),
    rewriteTimestamp: inputs['rewrite-timestamp'] && seconds !== undefined,
    ...(seconds === undefined ? {} : { sourceDateEpoch: seconds }),
    layout: image.layout,
    source: sourceOf(git),
    builderId: builderId(job),
    ...(invocation ? { invocationId: invocation } : {}),
  };
}

/** A file larger than this is no password, and masking every line of it would make the log unreadable. Bytes. */
const MASKED_FILE = 64 * 1024;

/** Their values are masked one by one: a Dockerfile prints a value, not the line of the input that it stands in. */
async function secretsOf(inputs: BuildInputs, job: Job): Promise<readonly BuildSecret[]> {
  const secrets: BuildSecret[] = [];
  const add = (input: string, secret: BuildSecret) => {
    if (!/^[A-Za-z0-9_.-]+$/.test(secret.id)) {
      throw badInput(input, secret.id, 'an ID of letters, digits, dots, dashes and underscores', 'Write ID=… a line.');
    }
    if (secrets.some(({ id }) => id === secret.id)) {
      throw badInput(input, secret.id, 'an ID that is used once', 'Remove one of the two secrets.');
    }
    secrets.push(secret);
  };
  for (const [id, value] of inputs.secrets) {
    job.log.mask(value);
    add('secrets', { id, kind: 'value', value });
  }
  for (const [id, variable] of inputs['secret-envs']) {
    const value = job.env[variable];
    if (!value) {
      throw badInput('secret-envs', variable, 'a variable that is set', `Set ${variable} in the env of this step.`);
    }
    job.log.mask(value);
    add('secret-envs', { id, kind: 'value', value });
  }
  for (const [id, file] of inputs['secret-files']) {
    const path = resolve(job.workspace, file);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) {
      throw badInput('secret-files', file, 'a file that is there', 'Give its path, seen from the workspace.');
    }
    if (found.size <= MASKED_FILE) job.log.mask(await readFile(path, 'utf8'));
    add('secret-files', { id, kind: 'file', path });
  }
  return secrets;
}
