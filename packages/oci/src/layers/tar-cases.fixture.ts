/** For tests: archives that are easily read in two ways, and what they are to Go's archive/tar and to us. */
import { archive, END, entry, header, pax } from './tar.fixture.ts';

/** Unusual content of archives that is allowed: each is read as Go's archive/tar reads it. */
export const ODD: readonly (readonly [string, Buffer, readonly string[]])[] = [
  ['a ustar prefix', archive({ name: 'file', prefix: 'a/b' }), ['a/b/file']],
  [
    'a GNU header, whose prefix field holds times',
    archive({ name: 'f', magic: 'ustar  \0', prefix: '13371337' }),
    ['f'],
  ],
  ['a pax path', archive(pax({ path: 'long/ä' }), { name: 'short' }), ['long/ä']],
  [
    'a pax size',
    archive(pax({ size: '3' }), header({ size: 0 }), Buffer.from('abc'.padEnd(512, '\0')), { name: 'next' }),
    ['file', 'next'],
  ],
  ['an equals sign in a pax value', archive(pax({ path: 'a=b' }), {}), ['a=b']],
  // Go applies none of a global header's records; whoever applied them would be shown other names than the runtime.
  ['a pax header for all that follow', archive(pax({ path: 'same', size: '9' }, 'g'), {}, {}), ['file', 'file']],
  ['several pax headers, of which the last counts', archive(pax({ path: 'a' }), pax({ linkpath: 'b' }), {}), ['file']],
  ['a long name beside a pax path', archive(entry({ flag: 'L', content: 'l\0' }), pax({ path: 'p' }), {}), ['l']],
  ['a pax header before one for all', archive(pax({ path: 'a' }), pax({ x: 'y' }, 'g'), {}), ['file']],
  ['a long name before a pax header for all', archive(entry({ flag: 'L', content: 'a' }), pax({}, 'g'), {}), ['file']],
  ['an empty pax path', archive(pax({ path: '' }), {}), ['file']],
  ['an empty long name', archive(entry({ flag: 'L', content: '\0' }), {}), ['file']],
  ['the name of a sparse file alone', archive(pax({ 'GNU.sparse.name': 'other' }), {}), ['file']],
  ['a GNU header with the prefix of old Go', archive({ magic: 'ustar  \0', prefix: 'a/b' }), ['a/b/file']],
  ['a star header, whose prefix is shorter', archive({ prefix: 'a/b', poke: [508, 'tar\0'] }), ['a/b/file']],
  [
    'a GNU long name',
    archive(entry({ flag: 'L', name: '././@LongLink', content: `${'d/'.repeat(100)}f\0` }), {}),
    [`${'d/'.repeat(100)}f`],
  ],
  [
    'a GNU long link beside a long name',
    archive(entry({ flag: 'K', content: 'to\0' }), entry({ flag: 'L', content: 'from\0' }), { flag: '2' }),
    ['from'],
  ],
  ['an extended header of nothing', archive(entry({ flag: 'x' }), {}), ['file']],
  ['a folder written as the oldest archives do', archive({ name: 'old/', flag: '\0' }), ['old/']],
  [
    'a folder with a size, which has no content',
    archive({ name: 'd/', flag: '5', size: 5 }, { name: 'next' }),
    ['d/', 'next'],
  ],
  ['a NUL as type', archive({ flag: '\0' }), ['file']],
  [
    'a volume label and an unknown type, which GNU tar writes as files',
    archive({ name: 'label', flag: 'V' }, { flag: 'Z', content: 'x'.repeat(600) }, { name: 'next' }),
    ['label', 'file', 'next'],
  ],
  [
    'a size in base 256',
    archive({ size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]), content: 'ab' }),
    ['file'],
  ],
  ['numbers with spaces round them', archive({ size: '        2 \0', content: 'ab' }), ['file']],
  ['a checksum over signed bytes', archive(signed()), ['\udcff']],
  ['no mark of the end', entry({ content: 'abc' }), ['file']],
  [
    'anything behind the mark of the end',
    Buffer.concat([archive({}), Buffer.from('garbage'), entry({ name: 'hidden' })]),
    ['file'],
  ],
  ['nothing', Buffer.alloc(0), []],
  ['the mark of the end alone', END, []],
  ['a name that climbs', archive({ name: '../../etc/passwd' }), ['../../etc/passwd']],
  ['an absolute name', archive({ name: '/etc/passwd' }), ['/etc/passwd']],
  [
    'a name of control characters and workflow commands',
    archive({ name: '::error::\x1b[2J\r\n' }),
    ['::error::\x1b[2J\r\n'],
  ],
  ['names that are no UTF-8 and stay different', archive({ poke: [0, Buffer.from([0xff, 0xfe])] }), ['\udcff\udcfele']],
];

function signed(): Buffer {
  const block = header({ name: '' });
  block[0] = 0xff;
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + (byte < 128 ? byte : byte - 256), 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

const base256 = (...bytes: number[]) => Buffer.from([...bytes, ...Array(12 - bytes.length).fill(0xff)]);

/** Content that no runtime would unpack, or that can be read in two ways: refused, with nothing held in memory. */
export const HOSTILE: readonly (readonly [string, Buffer])[] = [
  ['a checksum that is wrong', archive({ checksum: '000000\0 ' })],
  ['a checksum that is no number', archive({ checksum: 'zzzzzz\0 ' })],
  ['a name changed after the checksum', changed(archive({ name: 'good' }), 0, 'evil')],
  ['a size that is no octal number', archive({ size: '9999999' })],
  ['a size with a sign', archive({ size: '-0000000001' })],
  ['a size in hexadecimal', archive({ size: '0x10' })],
  ['a negative size in base 256', archive({ size: base256(0xff) })],
  [
    'a small negative size in base 256',
    archive({ size: Buffer.from([0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]), content: 'ab' }),
  ],
  ['a size beyond all sizes', archive({ size: base256(0x80, 0, 0, 0x7f) })],
  ['a mode that is no number', archive({ poke: [100, 'rwxr-xr-'] })],
  ['a header cut in half', header({}).subarray(0, 300)],
  ['content cut short', entry({ size: 1024, content: 'abc' })],
  ['padding cut short', entry({ content: 'abc', unpadded: true })],
  ['a size far beyond the archive', archive({ size: 0o7777777777, content: 'abc' })],
  ['an entry after one block of zeros', Buffer.concat([entry({}), Buffer.alloc(512), entry({ name: 'hidden' }), END])],
  ['one block of zeros at its end', Buffer.concat([entry({}), Buffer.alloc(512)])],
  ['an extended header that describes nothing', archive(pax({ path: 'x' }))],
  ['an extended header and then the end of the file', pax({ path: 'x' })],
  ['an extended header of a gigabyte', archive(header({ flag: 'x', size: 2 ** 30 }), {})],
  ['a long name of two megabytes', archive(entry({ flag: 'L', content: 'a'.repeat(2 << 20) }), {})],
  [
    'an extended header that is cut',
    archive(entry({ flag: 'x', size: 600, content: '20 path=abc\n' }).subarray(0, 1024)),
  ],
  ['a pax record longer than its header', archive(entry({ flag: 'x', content: '99 path=abc\n' }), {})],
  ['a pax record of length zero', archive(entry({ flag: 'x', content: '0 path=abc\n' }), {})],
  ['a pax record without a length', archive(entry({ flag: 'x', content: 'path=abc\n' }), {})],
  ['a pax record with a negative length', archive(entry({ flag: 'x', content: '-5 path=abc\n' }), {})],
  ['a pax record of a length in hexadecimal', archive(entry({ flag: 'x', content: '0xc path=abc\n' }), {})],
  ['a pax record without an end of line', archive(entry({ flag: 'x', content: '11 path=abc' }), {})],
  ['a pax record without an equals sign', archive(entry({ flag: 'x', content: '11 pathabc\n' }), {})],
  ['a pax record shorter than its own head', archive(entry({ flag: 'x', content: '2 \npath=abc\n' }), {})],
  ['a sparse map that lacks content', archive(pax(sparse('0,2')), { content: 'a' })],
  ['a sparse map that leaves content over', archive(pax(sparse('0,1')), { content: 'ab' })],
  ['a sparse map beyond its file', archive(pax({ ...sparse('8,2'), 'GNU.sparse.size': '9' }), { content: 'ab' })],
  ['a sparse map of fragments that overlap', archive(pax(sparse('1,1,0,1')), { content: 'ab' })],
  ['a folder that is called sparse', archive(pax(sparse('')), { name: 'd/', flag: '5' })],
  ['the sparse form of star', archive({ flag: 'S', content: 'ab' })],
  ['a user that is no number', archive(pax({ uid: 'root' }), {})],
  ['a time that is none', archive(pax({ mtime: '1.x' }), {})],
  ['a NUL in a pax path', archive(pax({ path: 'a\0b' }), {})],
  ['a NUL in a pax link', archive(pax({ linkpath: 'a\0b' }), { flag: '2' })],
  ['a pax size that is no number', archive(pax({ size: '1e3' }), {})],
  ['a negative pax size', archive(pax({ size: '-1' }), {})],
  ['a pax size of twenty digits', archive(pax({ size: '99999999999999999999' }), {})],
  ['a pax size beyond the archive', archive(pax({ size: '999999999' }), {})],
  ['text', Buffer.from('not an archive\n'.repeat(100))],
  ['a zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(1020, 1)])],
  [
    'a sparse map without an end',
    archive(header({ flag: 'S', poke: [482, Buffer.from([1])], size: 0 })).subarray(0, 512),
  ],
];

function sparse(map: string): Record<string, string> {
  const numbers = map === '' ? 0 : map.split(',').length;
  return {
    'GNU.sparse.map': map,
    'GNU.sparse.numblocks': String(numbers / 2),
    'GNU.sparse.minor': '1',
    'GNU.sparse.major': '0',
  };
}

function changed(bytes: Buffer, at: number, text: string): Buffer {
  bytes.write(text, at);
  return bytes;
}
