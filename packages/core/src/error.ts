import { type ErrorId, type ErrorIdOf, type ErrorKind, errorEntry } from './errors/index.ts';
import { quoted } from './text/wording.ts';

/** A line of a file of the repository. */
export interface ErrorPlace {
  readonly file: string;
  readonly line: number;
}

/** An error a user can act on: the failed operation and its object, the reason, and the next step. */
export class TidegateError extends Error {
  /** Its entry in the catalog (errors/), which says why this happens and what to do. */
  readonly id: ErrorId;
  /** The stable code that users see: `TG4001`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** One sentence in the imperative: how the user can fix it. Default: the fix of the entry. */
  readonly next: string | undefined;
  /** The line that the user has to change, if it is known: the annotation is put there. */
  readonly place: ErrorPlace | undefined;

  constructor(
    id: ErrorId,
    message: string,
    options: { next?: string | undefined; cause?: unknown | undefined; place?: ErrorPlace | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const { code, kind } = errorEntry(id);
    this.name = 'TidegateError';
    this.id = id;
    this.code = code;
    this.kind = kind;
    this.next = options.next;
    this.place = options.place;
  }
}

/** The parts of an error about an input. `value` is shown quoted and cut at 80 characters. */
export function badInput(
  id: ErrorIdOf<'bad-input'>,
  input: string,
  value: string,
  expected: string,
  next: string,
): TidegateError {
  const shown = quoted(value);
  return new TidegateError(id, `Input ${input}: got ${shown}, expected ${expected}.`, { next });
}

export function hasKind(error: unknown, ...kinds: ErrorKind[]): error is TidegateError {
  return error instanceof TidegateError && kinds.includes(error.kind);
}

/** The message of any thrown value, for use in another message. */
export function messageOf(error: unknown): string {
  // Node tries every address of a name; if all fail, the message of its AggregateError is empty.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
