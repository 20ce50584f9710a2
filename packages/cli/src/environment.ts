import { rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { hasKind, visible } from '@tidegate/core';
import { type LocalCheckout, readCheckout } from './checkout/checkout.ts';
import {
  assertUnchanged,
  type CommitChoice,
  changeWarning,
  clearImage,
  commitUnknown,
  commitVariables,
  workFolder,
  writeEvent,
} from './checkout/context.ts';
import type { ActionCommand } from './commands.ts';
import type { InputTexts } from './flags/inputs.ts';
import type { Parsed } from './flags/parse.ts';
import type { Io } from './io.ts';

interface Environment {
  readonly variables: NodeJS.ProcessEnv;
  /** The file of the summary, if this program chose it. */
  readonly summary?: string | undefined;
}

/** The environment of a job: the runner's own in a workflow, else from git. */
export async function environmentOf(
  command: ActionCommand,
  parsed: Parsed,
  inputs: InputTexts,
  isDry: boolean,
  io: Io,
): Promise<Environment> {
  const { env, terminal } = io;
  if (env.GITHUB_ACTIONS === 'true') return { variables: env };
  const variables = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const checkout = await readCheckout(io.folder, variables, io.signal);
  if (!checkout && command.commit === 'needed') {
    throw commitUnknown(`${io.folder} is in no git checkout with a commit.`, 'Run the command in a git checkout.');
  }
  const work = await workFolder(checkout?.top ?? io.folder, env);
  const summary = join(work, 'summary.md');
  await rm(summary, { force: true });
  await writeFile(summary, '');
  const isOwn = parsed.values.get('own-buildkit')?.[0] === 'true';
  const here = {
    ...{ RUNNER_TEMP: work, GITHUB_WORKSPACE: io.folder, GITHUB_STEP_SUMMARY: summary },
    TIDEGATE_ENGINE: isOwn ? 'own' : 'docker',
  };
  if (!checkout || command.commit === 'none') return { variables: { ...env, ...here }, summary };
  if (command.commit === 'folder') {
    return { variables: { ...env, ...here, GITHUB_WORKSPACE: checkout.top }, summary };
  }
  const isPublishing = parsed.values.get('publish')?.[0] !== 'false';
  if (checkout.changed.length > 0) {
    // Also in a dry run: it says what the command would do here.
    const key = parsed.values.get('key-file')?.[0];
    if (command.publishes && isPublishing) {
      assertUnchanged(checkout, key === undefined ? undefined : resolve(io.folder, key));
    }
    const text = changeWarning(command, checkout, policyPath(parsed, checkout, io));
    if (text !== undefined) terminal.line(`${terminal.paint.yellow('warning')}: ${visible(text)}`);
  }
  const choice = {
    ref: parsed.values.get('ref')?.[0],
    repository: parsed.values.get('repository')?.[0],
    'default-branch': parsed.values.get('default-branch')?.[0],
  };
  const commit = commitOf(command, checkout, choice, isPublishing);
  // After the refusals above: a command that builds nothing removes nothing.
  if (command.builds && !isDry && !inputs.get('layout')) await clearImage(work, inputs.get('name') ?? '');
  // With a token, GitHub also knows the description and the licence of the repository, which are labels of the image.
  const asksGitHub = inputs.get('token') || env.GITHUB_TOKEN || env.GH_TOKEN;
  const known = choice['default-branch'] ?? (asksGitHub ? undefined : checkout.defaultBranch);
  return { variables: { ...env, ...here, ...commit, GITHUB_EVENT_PATH: await writeEvent(work, known) }, summary };
}

/** The policy file that the command reads in the commit, relative to the top of the checkout. */
function policyPath({ values }: Parsed, { top }: LocalCheckout, io: Io): string {
  const given = values.get('policy')?.[0];
  return given === undefined ? '.github/tidegate.yml' : relative(top, resolve(io.folder, given));
}

/** A command that judges a layout needs the commit for its policy only: branch and repository may be unknown. */
function commitOf(
  command: ActionCommand,
  checkout: LocalCheckout,
  choice: CommitChoice,
  isPublishing: boolean,
): Readonly<Record<string, string>> {
  try {
    return commitVariables(checkout, choice, isPublishing);
  } catch (error) {
    if (command.commit === 'needed' || !hasKind(error, 'bad-input')) throw error;
    return { GITHUB_SHA: checkout.commit, GITHUB_WORKSPACE: checkout.top };
  }
}
