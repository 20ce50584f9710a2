import { parseEvidence } from './strict-json.ts';

/**
 * A protobuf message in JSON (protobuf.dev/programming-guides/json): `null` stands for any field that is not set. In a
 * list it stands for nothing, and stays there to be refused.
 * @throws TidegateError `evidence`; `what` begins the message.
 */
export function parseProtoJson(bytes: Uint8Array, what: string, limit: number): unknown {
  return withoutNulls(parseEvidence(bytes, what, limit));
}

/** No deeper than parseEvidence lets it be. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const set = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(set.map(([name, member]) => [name, withoutNulls(member)]));
}
