import { parseEvidence } from './strict-json.ts';

/**
 * Parse a protobuf message in JSON (protobuf.dev/programming-guides/json): `null` means that a field is not set. In a
 * list `null` has no meaning, and is kept so that it is rejected later.
 * @throws TidegateError `evidence`; `what` begins the message.
 */
export function parseProtoJson(bytes: Uint8Array, what: string, limit: number): unknown {
  return withoutNulls(parseEvidence(bytes, what, limit));
}

/** Recursion depth is limited by parseEvidence. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const set = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(set.map(([name, member]) => [name, withoutNulls(member)]));
}
