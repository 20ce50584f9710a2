import { hasCode, parseStrictJson, TidegateError } from '@tidegate/core';

/** Far deeper than any SBOM. How many values there may be is a matter of the bytes: a catalogue has millions. */
const LIMITS = { depth: 200, values: Number.POSITIVE_INFINITY };

/**
 * Strict JSON of at most `limit` bytes. A key twice in one object would be a way to show one subject to the gate and
 * another to whoever admits the image.
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
    throw hasCode(cause, 'integrity') ? unreadable(cause.message, cause) : cause;
  }
}

export function unreadable(message: string, cause?: unknown): TidegateError {
  return new TidegateError('evidence', message, {
    next: 'Run the stage that writes this evidence again: evidence must not be edited.',
    cause,
  });
}
