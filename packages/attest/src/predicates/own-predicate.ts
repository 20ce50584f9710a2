import { type Digest, hasKind, parseStrictJson, TidegateError } from '@tidegate/core';
import { MAX_SIGNED_BYTES } from '../statement/reference.ts';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';

/** Evidence of a user's own, about any image. */
export interface OwnPredicate {
  readonly type: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** In bytes. A bundle contains it in base64, and other tools read bundles of up to 16 MB. */
export const MAX_PREDICATE_BYTES = 8 * 1024 * 1024;

/**
 * Read a predicate strictly: one JSON object, no name twice, no number that another reader would read differently.
 * @param file its name in errors
 * @throws TidegateError `bad-input`
 */
export function readOwnPredicate(bytes: Uint8Array, file: string): OwnPredicate['predicate'] {
  assertPredicateSize(bytes.byteLength, file);
  let value: unknown;
  try {
    value = parseStrictJson(bytes, file);
  } catch (cause) {
    throw hasKind(cause, 'integrity') ? invalid(cause.message, cause) : cause;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${file} is not a JSON object.`);
  }
  const number = inexactNumber(value);
  if (number !== undefined) throw invalid(`${file} contains the number ${number}, which is not exact.`);
  return value as OwnPredicate['predicate'];
}

/** For callers that know the size before they read. @throws TidegateError `bad-input` */
export function assertPredicateSize(bytes: number, file: string): void {
  if (bytes > MAX_PREDICATE_BYTES) {
    throw invalid(`${file} has ${bytes} bytes; the maximum is ${MAX_PREDICATE_BYTES}.`);
  }
}

/** @throws TidegateError `bad-input` if the statement is too large for a bundle */
export function ownStatement(subject: Digest, { type, predicate }: OwnPredicate): StatementBytes {
  const made = makeStatement(type, [{ digest: subject }], predicate);
  if (made.bytes.byteLength <= MAX_SIGNED_BYTES) return made;
  throw invalid(
    `The statement of type ${type} has ${made.bytes.byteLength} bytes; the maximum is ${MAX_SIGNED_BYTES}.`,
  );
}

/** A number that a double does not represent, so that the signed statement would contain another one. */
function inexactNumber(value: unknown): number | undefined {
  if (typeof value === 'number') {
    const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return isExact ? undefined : value;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const member of Object.values(value)) {
    const found = inexactNumber(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function invalid(message: string, cause?: unknown): TidegateError {
  return new TidegateError('predicate-invalid', message, { cause });
}
