/**
 * RFC 8785 (JCS): keys sorted by UTF-16 code units, no whitespace, numbers in ECMAScript format. The same value always
 * gives the same bytes, so the same evidence always has the same digest. Dates are ISO 8601, maps are objects, absent
 * fields are left out.
 * @throws RangeError for a number that JSON cannot hold, and for an invalid date.
 */
export function canonicalJson(value: unknown): Uint8Array {
  const copy = sortedCopy(value);
  return Buffer.from(copy === ODD ? write(value) : JSON.stringify(copy), 'utf8');
}

const ODD = Symbol('an object whose keys do not keep the order that they are set in');

/**
 * A copy with sorted keys, which V8 then serializes: an SBOM has a hundred thousand strings, and serializing them one
 * by one takes twice as long.
 */
function sortedCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}.`);
    return value ?? null;
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return sortedCopy(Object.fromEntries(value));
  if (Array.isArray(value)) {
    const items = value.map(sortedCopy);
    return items.includes(ODD) ? ODD : items;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const digit = key.charCodeAt(0);
    // V8 lists integer-like keys first, regardless of insertion order; assigning `__proto__` would not create a key.
    if ((digit >= 0x30 && digit <= 0x39) || key === '__proto__') return ODD;
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const written = sortedCopy(member);
    if (written === ODD) return ODD;
    copy[key] = written;
  }
  return copy;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}.`);
    return JSON.stringify(value) ?? 'null';
  }
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value instanceof Map) return write(Object.fromEntries(value));
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${write(member)}`);
  }
  return `{${members.join(',')}}`;
}
