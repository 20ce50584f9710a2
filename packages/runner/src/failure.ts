import { hasCode, messageOf, TidegateError } from '@tidegate/core';
import type { ActionSpec } from './schema.ts';

/** An action that failed and still has something to say: `verdict=fail` and the counts of a scan that shut the gate. */
export class FailureWithOutputs extends Error {
  readonly outputs: Readonly<Record<string, string>>;

  constructor(cause: unknown, outputs: Readonly<Record<string, string>>) {
    super(messageOf(cause), { cause });
    this.name = 'FailureWithOutputs';
    this.outputs = outputs;
  }
}

/** Fail with `error`, and set these outputs first. Those that are left out stay unset. */
export function failWithOutputs(error: unknown, outputs: Readonly<Record<string, string>>): never {
  throw new FailureWithOutputs(error, outputs);
}

/** What the operating system says when the machine, not the action, is at fault. */
const MACHINE: Readonly<Record<string, string>> = {
  ENOSPC: "Free some space: the runner's disk is full.",
  EDQUOT: "Free some space: the user's disk quota is used up.",
  EROFS: 'Give the action a folder it may write to.',
  EACCES: 'Give the user that runs this step access to it.',
  EPERM: 'Give the user that runs this step permission for it.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
};

/** What the user reads of an error: `message — next`, still raw. */
export function explain(error: unknown, action: ActionSpec, issues: string): string {
  if (error instanceof FailureWithOutputs) return explain(error.cause, action, issues);
  if (error instanceof TidegateError) return joined(error.message, error.next);
  const code =
    typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error ? `${error.code}` : '';
  const advice = MACHINE[code];
  if (advice !== undefined) return joined(messageOf(error), advice);
  const name = error instanceof Error ? `${error.name}: ` : '';
  return joined(
    `${action.title} ran into an error that it does not know: ${name}${messageOf(error)}`,
    `This is a bug. Please report it${issues}, with the log of a run with debug logging switched on.`,
  );
}

export function cancelled(signal: string): TidegateError {
  return new TidegateError('cancelled', `Cancelled by ${signal} before it was done.`, {
    next: 'Run the job again to finish; what is published already is not sent twice.',
  });
}

export function isCancellation(error: unknown): boolean {
  return hasCode(error, 'cancelled') || (error instanceof Error && error.name === 'AbortError');
}

function joined(message: string, next: string | undefined): string {
  return next === undefined ? message : `${message} — ${next}`;
}

/** Where the action that runs here came from, so where its bugs go. GITHUB_ACTION_REPOSITORY is empty for local ones. */
export function issuesOf(env: Readonly<Record<string, string | undefined>>): string {
  const repository = env.GITHUB_ACTION_REPOSITORY;
  if (!repository) return " where the action's source is";
  return ` at ${env.GITHUB_SERVER_URL || 'https://github.com'}/${repository}/issues`;
}
