/** Archives generated from headers that describe other entries, where readers disagree. */
import { END, entry, header, type Made, pax } from '../../../packages/oci/src/layers/tar.fixture.ts';

/** Whole numbers in [0, below). */
type Numbers = (below: number) => number;

const GNU = 'ustar  \0';
const long = (flag: 'L' | 'K', content: string, more: Made = {}) => entry({ name: 'long', flag, content, ...more });
const raw = (content: string, flag = 'x') => entry({ name: 'pax', flag, content });

/** Headers that describe the next entry. */
const DESCRIBING: readonly Buffer[] = [
  ...[{ path: 'pax' }, { path: '' }, { path: 'pax/' }, { linkpath: 'to' }, { linkpath: '' }, {}].map((one) => pax(one)),
  ...['', '0', '3', '512', '1024', '+5', '-1', '0x5', '1e3', ' 5', '99999999999999999999', '9223372036854775807'].map(
    (size) => pax({ size }),
  ),
  pax({ path: 'n', size: '512', linkpath: 'l' }),
  ...['uid', 'gid', 'mtime', 'atime', 'ctime', 'uname'].flatMap((key) =>
    ['', '1', '-1', '1.5', '1.x', 'x', '-1.5', '.5', '1.'].map((value) => pax({ [key]: value })),
  ),
  ...[{ 'SCHILY.xattr.user.a': 'b' }, { 'SCHILY.xattr.': '' }, { comment: 'a\0b' }, { 'a\0b': 'c' }].map((one) =>
    pax(one),
  ),
  ...[{ path: 'a\0b' }, { linkpath: 'a\0b' }, { uname: 'a\0b' }, { '': 'x' }].map((one) => pax(one)),
  ...[{ 'GNU.sparse.name': 'sparse' }, { 'GNU.sparse.size': '600' }, { 'GNU.sparse.map': '0,3' }].map((one) =>
    pax(one),
  ),
  ...['0.0', '0.1', '1.0', '1.1', '2.0', '1.'].flatMap((version) => {
    const [major = '', minor = ''] = version.split('.');
    const form = { 'GNU.sparse.major': major, 'GNU.sparse.minor': minor };
    const map = { 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '1,2,5,1' };
    return [
      pax(form),
      pax({ ...form, ...map, 'GNU.sparse.size': '9', 'GNU.sparse.name': 'sparse' }),
      pax({ ...form, 'GNU.sparse.realsize': '9', 'GNU.sparse.name': 'sparse' }),
      pax({ ...form, ...map, 'GNU.sparse.numblocks': '1' }),
    ];
  }),
  pax({ 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '0,1,1,2', 'GNU.sparse.size': '3' }),
  raw('22 GNU.sparse.offset=0\n24 GNU.sparse.numbytes=3\n26 GNU.sparse.numblocks=1\n'),
  raw('24 GNU.sparse.numbytes=3\n22 GNU.sparse.offset=0\n26 GNU.sparse.numblocks=1\n'),
  raw('24 GNU.sparse.offset=0,1\n'),
  ...[
    ...['10 path=a\n10 path=b\n', '10 path=a\n8 path=\n', '012 path=ab\n', '+11 path=a\n', '-10 path=a\n', '10 path=a'],
    ...[
      '11 path=a\n',
      '9 path=a\n',
      '10 path:a\n',
      '10  path=\n',
      '4 =\n',
      '5 a=\n',
      '5 =a\n',
      '9 path=\n\n',
      'path=a\n',
    ],
    ...[
      '10 path=a\n\0\0',
      '10 path=a\n\n',
      '10\tpath=a\n',
      '13 pa=th=a=b\n',
      '00000000000000000000000000036 path=abc\n',
    ],
  ].map((text) => raw(text)),
  pax({ path: 'global' }, 'g'),
  pax({ size: '1024', linkpath: 'global' }, 'g'),
  pax({ uid: 'x' }, 'g'),
  raw('path=a\n', 'g'),
  pax({}, 'g'),
  entry({ name: 'g', flag: 'g', content: '', size: 0 }),
  ...['gnu', 'gnu/', '', '\0', 'a\0b', `${'d/'.repeat(200)}f`].flatMap((name) => [long('L', name), long('K', name)]),
  long('L', 'gnu\0', { magic: GNU }),
  long('L', 'x'.repeat(600), { magic: GNU }),
  entry({ flag: 'L', poke: [124, '-0000000001\0'] }),
  entry({ flag: 'x', size: Buffer.from('ffffffffffffffffffffffff', 'hex') }),
  header({ flag: 'x', size: (1 << 20) + 1 }),
];

const HIDDEN = Buffer.concat([entry({ name: 'hidden', content: 'x' }), entry({ name: 'hidden2' })]);
const lines = (text: string, content = '') => `${text.padEnd(512, '\0')}${content}`;
const sparseField = (...numbers: readonly number[]) =>
  numbers.map((one) => `${one.toString(8).padStart(11, '0')}\0`).join('');

/** GNU's old format: a map in the header, followed by the real size. */
function oldSparse(map: readonly number[], real: number, content: string, extended?: readonly number[]): Buffer {
  const made: Made = { flag: 'S', magic: GNU, content, size: content.length };
  const field = Buffer.alloc(109);
  field.write(sparseField(...map), 0, 96);
  field[96] = extended ? 1 : 0;
  field.write(sparseField(real), 97);
  const head = header({ ...made, poke: [386, field] });
  const more = extended ? [Buffer.from(sparseField(...extended).padEnd(512, '\0'))] : [];
  return Buffer.concat([head, ...more, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0'))]);
}

/** Entries to describe. */
const DESCRIBED: readonly Buffer[] = [
  entry({ content: 'abc' }),
  entry({ content: HIDDEN }),
  entry({}),
  ...['0', '\0', '5', '7', '1', '2', '3', '4', '6', 'V', 'D', 'Z', 'S', '\x80'].flatMap((flag) => [
    entry({ name: 'slash/', flag, content: HIDDEN, link: 'bash' }),
    entry({ name: 'plain', flag, size: 1024, link: 'bash', mode: 0o4755 }),
    entry({ name: 'plain', flag, size: Buffer.from('ffffffffffffffffffffffff', 'hex') }),
  ]),
  ...[
    'ustar\x0000',
    'ustar  \0',
    'ustar \0\0',
    'ustar\x0099',
    'ustar\0\0\0',
    '\0\0\0\0\0\0\0\0',
    'USTAR\x0000',
  ].flatMap((magic) => [
    entry({ magic, prefix: 'pre/fix', content: 'abc' }),
    entry({ magic, prefix: '13371337', content: 'abc' }),
    entry({ magic, prefix: 'pré', content: 'abc' }),
    entry({ magic, prefix: 'p'.repeat(155), poke: [508, 'tar\0'] }),
    entry({ magic, poke: [329, '9'] }),
  ]),
  entry({ content: lines('1\n1\n2\n', 'ab') }),
  entry({ content: lines('2\n1\n2\n5\n1\n', 'abc') }),
  entry({ content: lines('0\n') }),
  entry({ content: ['0'.repeat(600), lines('2\n1\n2\n5\n1\n').slice(0, 424), 'abc'].join('') }),
  entry({ poke: [100, Buffer.from('8040000000000fed', 'hex')] }),
  entry({ content: lines('-1\n') }),
  entry({ content: lines('99999999999999999999\n') }),
  entry({ content: lines('1\n+1\n-0\n') }),
  entry({ content: '1\n1\n2\nab' }),
  oldSparse([0, 3], 3, 'abc'),
  oldSparse([1, 2, 5, 1], 9, 'abc'),
  oldSparse([1, 2, 5, 1], 9, 'abcd'),
  oldSparse([1, 2, 5, 1], 4, 'abc'),
  oldSparse([], 700, ''),
  oldSparse([0, 1, 2, 1, 4, 1, 6, 1], 9, 'abcde', [8, 1]),
  oldSparse([0, 0], 0, ''),
  entry({ poke: [0, Buffer.from([0xff, 0x61, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0xf0, 0x9f])], content: 'abc' }),
];

/** Fields of a header: offset and length. */
const FIELDS = (
  '0+100 100+8 108+8 116+8 124+12 136+12 156+1 157+100 257+6 263+2 265+32 297+32 329+8 337+8 345+12 357+12 386+24 ' +
  '476+12 482+1 483+12 488+12 508+4'
)
  .split(' ')
  .map((field) => field.split('+').map(Number) as [number, number]);
/** Possible values of a field. */
const VALUES = [
  '|0|7|8|1|2|5|x|g|L|K|S|/|a/|../a|é|00000000003|   3 \0|3\0junk|3 3|-1|0x3|\0\0\x003|ustar\0|ustar  \0|tar\0'.split(
    '|',
  ),
  '\x80\0\0\0\0\0\0\x03|\x80\0\0\0\0\0\0\0\0\0\0\x03|\xff\xff\xff\xff\xff\xff\xff\xff|\xc0|77777777777'.split('|'),
  ['\xff'.repeat(12), `\x80${'\xff'.repeat(11)}`, '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff'],
].flat();
/** The real size of a sparse file is in this field, and Go reads all of its holes: large values would take minutes. */
const isRealSize = (offset: number) => offset >= 476 && offset < 495;

function resum(archive: Buffer, at: number): void {
  archive.write('        ', at + 148);
  const sum = archive.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 8, 'latin1');
}

/** Changes fields of one block; the checksum is corrected most of the time. */
function changed(archive: Buffer, next: Numbers): Buffer {
  const copy = Buffer.from(archive);
  const at = 512 * next(Math.max(1, copy.length / 512 - 2));
  for (let times = 1 + next(2); times > 0; times -= 1) {
    const [offset, length] = pick(FIELDS, next);
    const values = isRealSize(offset) ? VALUES.slice(0, 21) : VALUES;
    const value = Buffer.from(pick(values, next), 'latin1').subarray(0, length);
    value.copy(copy, at + offset);
  }
  if (next(10) > 0) resum(copy, at);
  return copy;
}

const TAIL = entry({ name: 'tail', content: 'tail' });

/** Every description before every described entry, every pair of descriptions, and `random` others. */
export function* madeArchives(next: Numbers, random: number): Generator<Buffer> {
  for (const described of DESCRIBED) {
    yield Buffer.concat([described, TAIL, END]);
    for (const one of DESCRIBING) yield Buffer.concat([one, described, TAIL, END]);
  }
  for (const first of DESCRIBING) {
    for (const second of DESCRIBING) yield Buffer.concat([first, second, pick(DESCRIBED, next), TAIL, END]);
  }
  for (let made = 0; made < random; made += 1) {
    const parts = Array.from({ length: next(6) }, () => pick(next(3) === 0 ? DESCRIBED : DESCRIBING, next));
    const whole = Buffer.concat([...parts, pick(DESCRIBED, next), TAIL, END]);
    const kind = next(6);
    if (kind === 0) yield whole;
    else if (kind === 1) yield whole.subarray(0, next(whole.length));
    else yield changed(whole, next);
  }
}

function pick<T>(from: readonly T[], next: Numbers): T {
  return from[next(from.length)] as T;
}
