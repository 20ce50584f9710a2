import { hasKind, parseStrictJson, TidegateError } from '@tidegate/core';

/** Depth: far deeper than any SBOM. The number of values is limited by the size in bytes: a catalog has millions. */
const LIMITS = { depth: 200, values: Number.POSITIVE_INFINITY };

/**
 * Parse strict JSON of at most `limit` bytes. A duplicate key in an object could show one subject to the gate and
 * another to the admission controller.
 * @throws TidegateError `evidence`; `what` begins the message.
 */
export function parseEvidence(bytes: Uint8Array, what: string, limit: number): unknown {
  if (bytes.byteLength > limit) {
    throw unreadable(`${what} has ${bytes.byteLength} bytes, more than the limit of ${limit}.`);
  }
  if (bytes.byteLength === 0) throw unreadable(`${what} is empty.`);
  try {
    return parseStrictJson(bytes, what, LIMITS);
  } catch (cause) {
    throw hasKind(cause, 'integrity') ? unreadable(cause.message, cause) : cause;
  }
}

export function unreadable(message: string, cause?: unknown): TidegateError {
  return new TidegateError('evidence-invalid', message, {
    next: 'Run the stage that writes this evidence again: evidence must not be edited.',
    cause,
  });
}
