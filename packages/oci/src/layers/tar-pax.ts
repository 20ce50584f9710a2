import { broken } from './tar-error.ts';
import { nameText, parseInt64 } from './tar-text.ts';

/** An extended header's records (POSIX pax `x` and `g`). */
export type PaxRecords = ReadonlyMap<string, string>;

const SPARSE_MAP = 'GNU.sparse.map';
const STRINGS: ReadonlySet<string> = new Set(['path', 'linkpath', 'uname', 'gname']);
const NUMBERS = ['uid', 'gid'] as const;
const TIMES = ['atime', 'mtime', 'ctime'] as const;

/**
 * Records `LENGTH KEY=VALUE\n`, LENGTH in decimal and over the whole record. The last of one key counts.
 * @throws TidegateError `integrity` for any other form, and for a NUL in a name: a reader in C would stop there.
 */
export function readPax(bytes: Buffer, where: string): PaxRecords {
  const records = new Map<string, string>();
  // GNU's sparse form 0.0: a record for each number of the map, which 0.1 has in one.
  const map: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
    const length = /^\+?[0-9]+$/.test(digits) ? (parseInt64(digits) ?? 0) : 0;
    const end = at + length;
    if (length < 5 || end > bytes.length || end - 1 <= space || bytes[end - 1] !== 0x0a) {
      throw broken(where, 'an extended header that is cut or has another form');
    }
    const equals = bytes.subarray(space + 1, end - 1).indexOf(0x3d);
    if (equals <= 0) throw broken(where, 'an extended header without a key or a value');
    const key = nameText(bytes.subarray(space + 1, space + 1 + equals));
    const value = nameText(bytes.subarray(space + 2 + equals, end - 1));
    if (key.includes('\0')) throw broken(where, 'a NUL in the key of an extended header');
    if (STRINGS.has(key) && value.includes('\0')) throw broken(where, 'a NUL in a name');
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      const isNext = (map.length % 2 === 0) === (key === 'GNU.sparse.offset');
      if (!isNext || value.includes(',')) throw broken(where, 'a sparse map in another order');
      map.push(value);
    } else records.set(key, value);
    at = end;
  }
  if (map.length > 0) records.set(SPARSE_MAP, map.join(','));
  return records;
}

/** What an extended header changes in the header it stands before; undefined where it says nothing. */
export interface PaxChanges {
  readonly path?: string;
  readonly linkpath?: string;
  /** May be below zero. */
  readonly size?: number;
}

/**
 * A record without a value changes nothing. Records that we have no use for are checked as Go checks them.
 * @throws TidegateError `integrity` for a number or a time that is none.
 */
export function changesOf(records: PaxRecords, where: string): PaxChanges {
  const given = (key: string) => records.get(key) || undefined;
  const number = (key: string, text: string | undefined) => {
    if (text === undefined) return undefined;
    const value = parseInt64(text);
    if (value === undefined) throw broken(where, `an extended header whose ${key} is no number`);
    return value;
  };
  for (const key of NUMBERS) number(key, given(key));
  for (const key of TIMES) {
    const [seconds, fraction = ''] = cutAtDot(given(key));
    number(key, seconds);
    if (!/^[0-9]*$/.test(fraction)) throw broken(where, `an extended header whose ${key} is no time`);
  }
  const [path, linkpath, size] = [given('path'), given('linkpath'), number('size', given('size'))];
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { size }),
  };
}

function cutAtDot(text: string | undefined): readonly [string | undefined, string?] {
  const dot = text?.indexOf('.') ?? -1;
  return text === undefined || dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** What the records say of a sparse file. */
export interface PaxSparse {
  readonly path?: string;
  /** Of the file with its holes; undefined where the header's own counts. */
  readonly size?: number;
  /** Offsets and lengths in turn; undefined where they stand at the beginning of the content (form 1.0). */
  readonly map?: readonly string[];
}

/**
 * Undefined for a file that is not sparse. A name alone makes none, nor does a version that nobody knows.
 * @throws TidegateError `integrity` for a map that has not as many numbers as it says.
 */
export function sparseOf(records: PaxRecords, where: string): PaxSparse | undefined {
  const given = (key: string) => records.get(`GNU.sparse.${key}`) || undefined;
  const version = `${given('major') ?? ''}.${given('minor') ?? ''}`;
  const isOld = version === '0.0' || version === '0.1' || (version === '.' && given('map') !== undefined);
  if (!isOld && version !== '1.0') return undefined;
  const [path, sizeText] = [given('name'), given('size') ?? given('realsize')];
  const size = sizeText === undefined ? undefined : parseInt64(sizeText);
  if (sizeText !== undefined && size === undefined) throw broken(where, 'a sparse file whose size is no number');
  const about = { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) };
  if (!isOld) return about;
  const map = given('map')?.split(',') ?? [];
  const blocks = parseInt64(given('numblocks') ?? '');
  if (blocks === undefined || map.length !== 2 * blocks) throw broken(where, 'a sparse map of another length');
  return { ...about, map };
}
