import { clipped, isRecord, parseDigest, readInstant } from '@tidegate/core';
import * as v from 'valibot';
import { unreadable } from './strict-json.ts';

/**
 * Validate `value` against `schema`, and report where it differs.
 * @throws TidegateError `evidence`: `what: path: expected …`.
 */
export function shaped<const S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const where = `${what}${path ? `: ${path}` : ''}`;
  if (issue.received === 'undefined') throw unreadable(`${where} is missing.`);
  // The received value is untrusted and may be a whole document: quote and truncate it.
  const received = clipped(issue.received);
  const said = issue.message.startsWith('expected ') ? issue.message : `expected ${issue.expected}`;
  throw unreadable(`${where}: ${said}, got ${received}.`);
}

/** An object with any keys, but not an array; it is not copied. */
export const members = v.custom<Readonly<Record<string, unknown>>>((value) => isRecord(value), 'expected an object');

/** RFC 3339, as a Date. */
export const instant = v.pipe(
  v.string(),
  v.check((text) => readInstant(text) !== undefined, 'expected an RFC 3339 time'),
  v.transform((text) => new Date(text)),
);

/** The hex digits of a sha256, as in in-toto digest sets. */
export const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'));

/** `sha256:` and its hex digits. parseDigest itself rejects other values, with `integrity`. */
export const digest = v.pipe(
  v.string(),
  v.transform((text) => parseDigest(text)),
);
