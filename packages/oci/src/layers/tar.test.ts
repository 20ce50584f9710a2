import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasCode } from '@tidegate/core';
import { archive, END, entry, header, pax } from './tar.fixture.ts';
import { type TarEntry, TarReader } from './tar.ts';

interface Read extends TarEntry {
  readonly content: string;
}

/** All entries, the archive handed over in pieces of `step` bytes. */
function read(bytes: Buffer, step = bytes.length): Read[] {
  const found: Read[] = [];
  const reader = new TarReader('a layer', (one) => {
    const pieces: Buffer[] = [];
    return (piece, last) => {
      pieces.push(Buffer.from(piece));
      if (last) found.push({ ...one, content: Buffer.concat(pieces).toString('latin1') });
    };
  });
  for (let at = 0; at < bytes.length; at += Math.max(1, step)) reader.write(bytes.subarray(at, at + Math.max(1, step)));
  reader.end();
  return found;
}

const paths = (bytes: Buffer) => read(bytes).map(({ path }) => path);

describe('an archive', () => {
  const whole = archive(
    { name: 'etc/', flag: '5', mode: 0o755 },
    { name: 'etc/passwd', content: 'root:x:0:0' },
    { name: 'bin/su', mode: 0o4755, content: 'x'.repeat(1000) },
    { name: 'bin/sudo', flag: '1', link: 'bin/su', mode: 0o4755 },
    { name: 'bin/sh', flag: '2', link: 'bash' },
    { name: 'dev/null', flag: '3' },
    { name: 'run/pipe', flag: '6' },
    { name: 'empty' },
  );

  test.each([1, 7, 511, 512, 513, 4096, whole.length])('reads the same in pieces of %i bytes', (step) => {
    expect(read(whole, step)).toEqual(read(whole));
  });

  test('gives types, modes, links and contents', () => {
    expect(
      read(whole).map(({ path, type, mode, link: to, content }) => [path, type, mode, to, content.length]),
    ).toEqual([
      ['etc/', 'directory', 0o755, '', 0],
      ['etc/passwd', 'file', 0o644, '', 10],
      ['bin/su', 'file', 0o4755, '', 1000],
      ['bin/sudo', 'hardlink', 0o4755, 'bin/su', 0],
      ['bin/sh', 'symlink', 0o644, 'bash', 0],
      ['dev/null', 'device', 0o644, '', 0],
      ['run/pipe', 'fifo', 0o644, '', 0],
      ['empty', 'file', 0o644, '', 0],
    ]);
  });
});

/** What archives hold that is odd and allowed: each is read as Go's archive/tar reads it. */
const ODD: readonly (readonly [string, Buffer, readonly string[]])[] = [
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
  ['a pax header for all that follow', archive(pax({ path: 'same' }, 'g'), {}, {}), ['same', 'same']],
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
  ['a folder written as a file with a slash', archive({ name: 'old/', flag: '0' }), ['old/']],
  [
    'a folder with a size, which has no content',
    archive({ name: 'd/', flag: '5', size: 5 }, { name: 'next' }),
    ['d/', 'next'],
  ],
  ['a NUL as type', archive({ flag: '\0' }), ['file']],
  [
    'a volume label and an unknown type, skipped with their content',
    archive({ flag: 'V' }, { flag: 'Z', content: 'x'.repeat(600) }, { name: 'next' }),
    ['next'],
  ],
  [
    'a size in base 256',
    archive({ size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]), content: 'ab' }),
    ['file'],
  ],
  ['numbers with spaces round them', archive({ size: '        2 \0', content: 'ab' }), ['file']],
  ['a checksum over signed bytes', archive(signed()), ['\ufffd']],
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
  ['a name that is no UTF-8', archive({ poke: [0, Buffer.from([0xff, 0xfe])] }), ['\ufffd\ufffdle']],
];

function signed(): Buffer {
  const block = header({ name: '' });
  block[0] = 0xff;
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + (byte < 128 ? byte : byte - 256), 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

test.each(ODD)('is read with %s', (_, bytes, expected) => {
  expect(paths(bytes)).toEqual(expected);
});

const base256 = (...bytes: number[]) => Buffer.from([...bytes, ...Array(12 - bytes.length).fill(0xff)]);

/** What no runtime would unpack, or what is made to be read in two ways: refused, with nothing held in memory. */
const HOSTILE: readonly (readonly [string, Buffer])[] = [
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

function changed(bytes: Buffer, at: number, text: string): Buffer {
  bytes.write(text, at);
  return bytes;
}

describe('is refused', () => {
  test.each(HOSTILE)('with %s', (_, bytes) => {
    for (const step of [bytes.length, 100]) {
      let thrown: unknown;
      try {
        read(bytes, step);
      } catch (error) {
        thrown = error;
      }
      expect(hasCode(thrown, 'integrity')).toBe(true);
    }
  });
});

test('two hundred thousand entries leave nothing behind', () => {
  const one = entry({ name: 'x' });
  const many = Buffer.concat(Array(1000).fill(one));
  let entries = 0;
  const reader = new TarReader('a layer', () => {
    entries += 1;
    return undefined;
  });
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 200; at += 1) reader.write(many);
  expect(entries).toBe(200_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20);
});

describe('GNU tar writes and this reads', () => {
  const exec = promisify(execFile);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidegate-tar-'));
    const deep = join('in', 'd'.repeat(80), 'e'.repeat(80));
    await mkdir(join(folder, deep), { recursive: true });
    await writeFile(join(folder, deep, 'long'), 'deep');
    await writeFile(join(folder, 'in', 'hole'), 'start');
    await truncate(join(folder, 'in', 'hole'), 300_000);
    await writeFile(join(folder, 'in', 'hole'), 'end', { flag: 'a' });
    await writeFile(join(folder, 'in', 'last'), 'last');
    await link(join(folder, 'in', 'last'), join(folder, 'in', 'same'));
    await symlink('x'.repeat(150), join(folder, 'in', 'link'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([
    ['gnu', []],
    ['gnu', ['--sparse']],
    ['pax', []],
    ['pax', ['--sparse', '--sparse-version=1.0']],
    ['pax', ['--sparse', '--sparse-version=0.1']],
    ['oldgnu', ['--sparse']],
  ])('--format=%s %j', async (format, flags) => {
    const argv = ['--create', `--format=${format}`, ...flags, '--sort=name', '-C', folder, 'in'];
    const { stdout } = await exec('tar', argv, { encoding: 'buffer', maxBuffer: 1 << 24 });
    const found = read(stdout);
    const deep = `in/${'d'.repeat(80)}/${'e'.repeat(80)}`;
    expect(found.map(({ path }) => path).toSorted()).toEqual(
      [
        'in/',
        `in/${'d'.repeat(80)}/`,
        `${deep}/`,
        `${deep}/long`,
        'in/hole',
        'in/last',
        'in/link',
        'in/same',
      ].toSorted(),
    );
    expect(found.find(({ path }) => path.endsWith('long'))?.content).toBe('deep');
    expect(found.find(({ path }) => path.endsWith('hole'))?.content).toContain('end');
    expect(found.find(({ type }) => type === 'symlink')?.link).toBe('x'.repeat(150));
    expect(found.filter(({ type }) => type === 'hardlink')).toHaveLength(1);
  });
});
