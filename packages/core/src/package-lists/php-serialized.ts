/** The output of PHP's `serialize` without objects; numbers and booleans are text. Undefined for anything else. */
export type Serialized = string | ReadonlyMap<string, Serialized>;

/** PEAR's registry has five levels. */
const DEEPEST = 32;

export function unserialized(content: Buffer): Serialized | undefined {
  // Lengths are in bytes.
  const text = content.toString('latin1');
  let at = 0;
  const upTo = (end: string): string | undefined => {
    const stop = text.indexOf(end, at);
    if (stop < 0) return undefined;
    const found = text.slice(at, stop);
    at = stop + end.length;
    return found;
  };
  const value = (depth: number): Serialized | undefined => {
    const kind = text.slice(at, at + 2);
    at += 2;
    if (kind === 'N;') return '';
    if (kind === 'i:' || kind === 'b:' || kind === 'd:') return upTo(';');
    if (kind === 's:') {
      const length = lengthOf(upTo(':"'));
      if (length === undefined || text.slice(at + length, at + length + 2) !== '";') return undefined;
      at += length + 2;
      return Buffer.from(text.slice(at - length - 2, at - 2), 'latin1').toString('utf8');
    }
    return kind === 'a:' && depth > 0 ? entries(lengthOf(upTo(':{')), depth - 1) : undefined;
  };
  const entries = (count: number | undefined, depth: number): Serialized | undefined => {
    if (count === undefined) return undefined;
    const found = new Map<string, Serialized>();
    for (let left = count; left > 0; left -= 1) {
      const [key, each] = [value(0), value(depth)];
      if (typeof key !== 'string' || each === undefined) return undefined;
      found.set(key, each);
    }
    at += 1;
    return text[at - 1] === '}' ? found : undefined;
  };
  return value(DEEPEST);
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
