import { hasKind, messageOf, TidegateError } from '@tidegate/core';

/** A failure below HTTP: no response, or an incomplete one. */
export class ConnectionFailure extends Error {
  /** Whether a retry may succeed. A wrong certificate or host name stays wrong. */
  readonly transient: boolean;
  /** The request timed out: each retry may cost the full timeout again. */
  readonly timedOut: boolean;
  /** The server had closed a kept-alive connection before it saw this request: retry without delay. */
  readonly stale: boolean;

  constructor(cause: unknown, stale = false) {
    super(messageOf(cause), { cause });
    const { code = '' } = cause as NodeJS.ErrnoException;
    this.timedOut = cause instanceof TimeoutFailure;
    this.transient = this.timedOut || TRANSIENT.has(code);
    this.stale = stale && (code === 'ECONNRESET' || code === 'EPIPE');
  }
}

/** The cause of a failure by timeout. */
export class TimeoutFailure extends Error {
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

/** Convert the error of an interrupted body to the same error as that of a failed request. */
export function asFailure(error: unknown, signal: AbortSignal | undefined, stale = false): Error {
  if (error instanceof TidegateError || error instanceof ConnectionFailure) return error;
  if (signal?.aborted) {
    if (hasKind(signal.reason, 'cancelled')) return signal.reason;
    return new TidegateError('cancelled', 'Cancelled: request to the registry.', { cause: error });
  }
  return new ConnectionFailure(error, stale);
}
