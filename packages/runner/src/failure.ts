import { type ErrorEntry, errorEntry, hasKind, messageOf, TidegateError } from '@tidegate/core';
import { diskFailure } from './disk-failure.ts';
import type { ActionSpec } from './inputs/schema.ts';

/** A failure of an action that still has outputs: `verdict=fail` and the counts of a scan that failed the gate. */
export class FailureWithOutputs extends Error {
  readonly outputs: Readonly<Record<string, string>>;

  constructor(cause: unknown, outputs: Readonly<Record<string, string>>) {
    super(messageOf(cause), { cause });
    this.name = 'FailureWithOutputs';
    this.outputs = outputs;
  }
}

/** Fail with `error`, after setting these outputs. Other outputs stay unset. */
export function failWithOutputs(error: unknown, outputs: Readonly<Record<string, string>>): never {
  throw new FailureWithOutputs(error, outputs);
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A failure as the user reads it, still raw. */
export interface Explained {
  readonly entry: ErrorEntry;
  readonly message: string;
  readonly next: string;
  /** The line that the user has to change, if it is known. */
  readonly place?: TidegateError['place'];
}

export function explain(error: unknown, action: Pick<ActionSpec, 'title'>, env: Variables): Explained {
  if (error instanceof FailureWithOutputs) return explain(error.cause, action, env);
  if (error instanceof TidegateError) {
    const entry = errorEntry(error.id);
    return { entry, message: error.message, next: error.next ?? entry.fix, place: error.place };
  }
  const ofDisk = diskFailure(error, env);
  if (ofDisk !== undefined) return { ...ofDisk, entry: errorEntry(ofDisk.id) };
  const name = error instanceof Error ? `${error.name}: ` : '';
  return {
    entry: errorEntry('unexpected'),
    message: `${action.title} failed unexpectedly: ${name}${messageOf(error)}`,
    next: `This is a bug. Report it${issuesOf(env)}, with the log of a run with debug logging enabled.`,
  };
}

/** Whether the verdict on the image or its sources is why the run failed, and not that something did not work. */
export function isVerdict(error: unknown): boolean {
  return error instanceof FailureWithOutputs ? isVerdict(error.cause) : hasKind(error, 'gate');
}

export function cancelled(signal: string): TidegateError {
  return new TidegateError('cancelled', `Cancelled by ${signal} before it was done.`, {
    next: 'Run the job again to finish; published data is not sent again.',
  });
}

export function isCancellation(error: unknown): boolean {
  return hasKind(error, 'cancelled') || (error instanceof Error && error.name === 'AbortError');
}

/**
 * The repository of the running action, where its bugs are reported. GITHUB_ACTION_REPOSITORY is empty for local
 * actions.
 */
function issuesOf(env: Variables): string {
  const repository = env.GITHUB_ACTION_REPOSITORY;
  if (!repository) return ' in the repository of the action';
  return ` at ${env.GITHUB_SERVER_URL || 'https://github.com'}/${repository}/issues`;
}
