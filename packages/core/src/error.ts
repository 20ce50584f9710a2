/** What went wrong, in one word that code may branch on. */
export type ErrorCode =
  | 'bad-input'
  | 'not-found'
  | 'unauthorized'
  | 'registry'
  | 'network'
  | 'layout'
  | 'integrity'
  | 'tool'
  | 'evidence'
  | 'gate'
  | 'signature'
  | 'conflict'
  | 'cancelled';

/** An error a user can act on: what was being done to what, why it failed, and what to do next. */
export class TidegateError extends Error {
  readonly code: ErrorCode;
  /** One sentence in the imperative: what the user can do about it. */
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, options: { next?: string; cause?: unknown | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidegateError';
    this.code = code;
    this.next = options.next;
  }
}

/** The four things a complaint about an input must say. `value` is shown quoted and cut at 80 characters. */
export function badInput(input: string, value: string, expected: string, next: string): TidegateError {
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  return new TidegateError('bad-input', `Input ${input}: got ${shown}, expected ${expected}.`, { next });
}

export function hasCode(error: unknown, ...codes: ErrorCode[]): error is TidegateError {
  return error instanceof TidegateError && codes.includes(error.code);
}

/** The message of anything thrown, for composing into another message. */
export function messageOf(error: unknown): string {
  // Node tries every address of a name, and where all fail says so without a word of its own.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
