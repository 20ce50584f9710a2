/** The kind of error, in one word that code may branch on. */
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

/** An error a user can act on: the failed operation and its object, the reason, and the next step. */
export class TidegateError extends Error {
  readonly code: ErrorCode;
  /** One sentence in the imperative: how the user can fix it. */
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, options: { next?: string; cause?: unknown | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidegateError';
    this.code = code;
    this.next = options.next;
  }
}

/** The four parts of an error about an input. `value` is shown quoted and cut at 80 characters. */
export function badInput(input: string, value: string, expected: string, next: string): TidegateError {
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  return new TidegateError('bad-input', `Input ${input}: got ${shown}, expected ${expected}.`, { next });
}

export function hasCode(error: unknown, ...codes: ErrorCode[]): error is TidegateError {
  return error instanceof TidegateError && codes.includes(error.code);
}

/** The message of any thrown value, for use in another message. */
export function messageOf(error: unknown): string {
  // Node tries every address of a name; if all fail, the message of its AggregateError is empty.
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
