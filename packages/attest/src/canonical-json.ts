/**
 * RFC 8785 (JCS): keys sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them. The same
 * value always gives the same bytes, so the same evidence always has the same digest.
 */
export function canonicalJson(value: unknown): Uint8Array {
  return Buffer.from(write(value), 'utf8');
}

// By hand and not by a sorted copy: V8 lists integer-like keys first, whatever the order they were set in.
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}.`);
    return JSON.stringify(value) ?? 'null';
  }
  if (value instanceof Date) return JSON.stringify(value);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${write(member)}`);
  }
  return `{${members.join(',')}}`;
}
