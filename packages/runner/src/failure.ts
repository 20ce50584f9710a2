import { hasCode, messageOf, TidegateError } from '@tidegate/core';
import { diskFailure } from './disk-failure.ts';
import type { ActionSpec } from './inputs/schema.ts';

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

type Variables = Readonly<Record<string, string | undefined>>;

/** What the user reads of an error: `message — next`, still raw. */
export function explain(error: unknown, action: ActionSpec, env: Variables): string {
  if (error instanceof FailureWithOutputs) return explain(error.cause, action, env);
  if (error instanceof TidegateError) return joined(error.message, error.next);
  const ofDisk = diskFailure(error, env);
  if (ofDisk !== undefined) return joined(ofDisk.message, ofDisk.next);
  const name = error instanceof Error ? `${error.name}: ` : '';
  return joined(
    `${action.title} ran into an error that it does not know: ${name}${messageOf(error)}`,
    `This is a bug. Please report it${issuesOf(env)}, with the log of a run with debug logging switched on.`,
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
function issuesOf(env: Variables): string {
  const repository = env.GITHUB_ACTION_REPOSITORY;
  if (!repository) return " where the action's source is";
  return ` at ${env.GITHUB_SERVER_URL || 'https://github.com'}/${repository}/issues`;
}
