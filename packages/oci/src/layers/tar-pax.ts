import { broken } from './tar-error.ts';
import { nameText, parseInt64 } from './tar-text.ts';

/** An extended header's records (POSIX pax `x` and `g`). */
export type PaxRecords = ReadonlyMap<string, string>;

const SPARSE_MAP = 'GNU.sparse.map';
const STRINGS: ReadonlySet<string> = new Set(['path', 'linkpath', 'uname', 'gname']);
const NUMBERS = ['uid', 'gid'] as const;
const TIMES = ['atime', 'mtime', 'ctime'] as const;

/**
 * Records `LENGTH KEY=VALUE\n`, LENGTH in decimal and of the whole record. The last record of a key wins.
 * @throws TidegateError `integrity` for any other format, and for a NUL in a name, where a C reader would stop.
 */
export function readPax(bytes: Buffer, where: string): PaxRecords {
  const records = new Map<string, string>();
  // GNU's sparse format 0.0 has a record for each number of the map; 0.1 has them in one.
  const map: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
    const length = /^\+?[0-9]+$/.test(digits) ? (parseInt64(digits) ?? 0) : 0;
    const end = at + length;
    if (length < 5 || end > bytes.length || end - 1 <= space || bytes[end - 1] !== 0x0a) {
      throw broken(where, 'an extended header is truncated or malformed');
    }
    const equals = bytes.subarray(space + 1, end - 1).indexOf(0x3d);
    if (equals <= 0) throw broken(where, 'an extended header has no key or value');
    const key = nameText(bytes.subarray(space + 1, space + 1 + equals));
    const value = nameText(bytes.subarray(space + 2 + equals, end - 1));
    if (key.includes('\0')) throw broken(where, 'the key of an extended header contains a NUL');
    if (STRINGS.has(key) && value.includes('\0')) throw broken(where, 'a name contains a NUL');
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      const isNext = (map.length % 2 === 0) === (key === 'GNU.sparse.offset');
      if (!isNext || value.includes(',')) throw broken(where, 'a sparse map is in the wrong order');
      map.push(value);
    } else records.set(key, value);
    at = end;
  }
  if (map.length > 0) records.set(SPARSE_MAP, map.join(','));
  return records;
}

/** Values with which an extended header overrides the next header; undefined for no override. */
export interface PaxChanges {
  readonly path?: string | undefined;
  readonly linkpath?: string | undefined;
  /** May be negative. */
  readonly size?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Seconds since 1970, as written. */
  readonly time?: string | undefined;
}

/**
 * A record without a value changes nothing. Unused records are validated as in Go.
 * @throws TidegateError `integrity` for an invalid number or time.
 */
export function changesOf(records: PaxRecords, where: string): PaxChanges {
  const given = (key: string) => records.get(key) || undefined;
  const number = (key: string, text: string | undefined) => {
    if (text === undefined) return undefined;
    const value = parseInt64(text);
    if (value === undefined) throw broken(where, `the ${key} of an extended header is not a number`);
    return value;
  };
  const [uid, gid] = NUMBERS.map((key) => number(key, given(key)));
  for (const key of TIMES) {
    const [seconds, fraction = ''] = cutAtDot(given(key));
    number(key, seconds);
    if (!/^[0-9]*$/.test(fraction)) throw broken(where, `the ${key} of an extended header is not a time`);
  }
  const [path, linkpath, size] = [given('path'), given('linkpath'), number('size', given('size'))];
  return {
    path,
    linkpath,
    size,
    uid,
    gid,
    time: given('mtime'),
  };
}

function cutAtDot(text: string | undefined): readonly [string | undefined, string?] {
  const dot = text?.indexOf('.') ?? -1;
  return text === undefined || dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** Description of a sparse file in the records. */
export interface PaxSparse {
  readonly path?: string | undefined;
  /** Size of the file with its holes; undefined if the header's size applies. */
  readonly size?: number | undefined;
  /** Alternating offsets and lengths; undefined if they are at the beginning of the content (format 1.0). */
  readonly map?: readonly string[];
}

/**
 * Undefined for a file that is not sparse. A name alone, or an unknown version, does not make a file sparse.
 * @throws TidegateError `integrity` for a map whose count is wrong.
 */
export function sparseOf(records: PaxRecords, where: string): PaxSparse | undefined {
  const given = (key: string) => records.get(`GNU.sparse.${key}`) || undefined;
  const version = `${given('major') ?? ''}.${given('minor') ?? ''}`;
  const isOld = version === '0.0' || version === '0.1' || (version === '.' && given('map') !== undefined);
  if (!isOld && version !== '1.0') return undefined;
  const [path, sizeText] = [given('name'), given('size') ?? given('realsize')];
  const size = sizeText === undefined ? undefined : parseInt64(sizeText);
  if (sizeText !== undefined && size === undefined) throw broken(where, 'the size of a sparse file is not a number');
  const about = { path, size };
  if (!isOld) return about;
  const map = given('map')?.split(',') ?? [];
  const blocks = parseInt64(given('numblocks') ?? '');
  if (blocks === undefined || map.length !== 2 * blocks) throw broken(where, 'a sparse map has the wrong length');
  return { ...about, map };
}
