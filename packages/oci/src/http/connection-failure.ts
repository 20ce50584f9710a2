import { hasCode, messageOf, TidegateError } from '@tidegate/core';

/** What failed below HTTP: no answer came, or not all of it. */
export class ConnectionFailure extends Error {
  /** Whether it may go well the next time; a certificate or a name that is wrong stays wrong. */
  readonly transient: boolean;
  /** Nothing came for as long as we wait: each further try costs as much time again. */
  readonly silent: boolean;
  /** The other side had closed a kept connection before it saw this request: no reason to wait before the next try. */
  readonly stale: boolean;

  constructor(cause: unknown, stale = false) {
    super(messageOf(cause), { cause });
    const { code = '' } = cause as NodeJS.ErrnoException;
    this.silent = cause instanceof Silence;
    this.transient = this.silent || TRANSIENT.has(code);
    this.stale = stale && (code === 'ECONNRESET' || code === 'EPIPE');
  }
}

/** The cause of a failure where nothing came for too long. */
export class Silence extends Error {
  readonly code = 'ETIMEDOUT';
}

const TRANSIENT = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'HPE_INVALID_EOF_STATE',
]);

/** The error of a body that broke off, in the same words as that of a request. */
export function asFailure(error: unknown, signal: AbortSignal | undefined, stale = false): Error {
  if (error instanceof TidegateError || error instanceof ConnectionFailure) return error;
  if (signal?.aborted) {
    if (hasCode(signal.reason, 'cancelled')) return signal.reason;
    return new TidegateError('cancelled', 'Cancelled: talking to the registry.', { cause: error });
  }
  return new ConnectionFailure(error, stale);
}
