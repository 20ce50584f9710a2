import { describe, expect, test } from '@jest/globals';
import { hasKind } from '@tidegate/core';
import { archive, entry, pax, read } from './tar.fixture.ts';
import { TarReader } from './tar.ts';
import { HOSTILE, ODD } from './tar-cases.fixture.ts';

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

  test('gives owners, from an extended header if there is one', () => {
    const owned = entry({ name: 'a', poke: [108, '0000007\0' + '0000010\0'] });
    const large = Buffer.concat([pax({ uid: '4000000', gid: '5000000' }), entry({ name: 'b' })]);
    const found: (readonly [string, number, number])[] = [];
    const reader = new TarReader('test', ({ path, uid, gid }) => {
      found.push([path, uid, gid]);
      return undefined;
    });
    reader.write(Buffer.concat([owned, large, Buffer.alloc(1024)]));
    reader.end();
    expect(found).toEqual([
      ['a', 7, 8],
      ['b', 4_000_000, 5_000_000],
    ]);
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

test.each(ODD)('is read with %s', (_, bytes, expected) => {
  expect(paths(bytes)).toEqual(expected);
});

test('a file whose name ends in a slash keeps its content: read as headers, it would show other files', () => {
  const hidden = entry({ name: 'hidden', content: 'x' });
  expect(read(archive({ name: 'bin/sh/', content: hidden }, { name: 'next' }))).toMatchObject([
    { path: 'bin/sh/', type: 'file', size: 1024 },
    { path: 'next' },
  ]);
  expect(read(archive({ name: 'old/', flag: '\0' }))).toMatchObject([{ type: 'directory' }]);
});

describe('is refused', () => {
  test.each(HOSTILE)('with %s', (_, bytes) => {
    for (const step of [bytes.length, 100]) {
      let thrown: unknown;
      try {
        read(bytes, step);
      } catch (error) {
        thrown = error;
      }
      expect(hasKind(thrown, 'integrity')).toBe(true);
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
