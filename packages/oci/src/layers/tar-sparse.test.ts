import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { archive, pax, read } from './tar.fixture.ts';

describe('a sparse file is what it unpacks to', () => {
  const map = (text: string) => text.padEnd(512, '\0');
  const form10 = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's' };
  const form01 = { 'GNU.sparse.major': '0', 'GNU.sparse.minor': '1', 'GNU.sparse.name': 's' };

  test.each([
    ['1.0', archive(pax({ ...form10, 'GNU.sparse.realsize': '9' }), { content: `${map('2\n2\n2\n6\n1\n')}abc` })],
    [
      '0.1',
      archive(pax({ ...form01, 'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '2,2,6,1' }), {
        content: 'abc',
      }),
    ],
  ])('in form %s', (_, bytes) => {
    for (const step of [1, 100, bytes.length])
      expect(read(bytes, step)).toMatchObject([{ path: 's', size: 9, content: '\0\0ab\0\0c\0\0' }]);
  });

  test('and of holes alone', () => {
    const bytes = archive(pax({ ...form10, 'GNU.sparse.realsize': '70000' }), { content: map('0\n') });
    expect(read(bytes)).toMatchObject([{ path: 's', size: 70_000, content: '\0'.repeat(70_000) }]);
  });
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
    const hole = found.find(({ path }) => path.endsWith('hole'));
    expect(hole).toMatchObject({ size: 300_003, content: `start${'\0'.repeat(299_995)}end` });
    expect(found.find(({ type }) => type === 'symlink')?.link).toBe('x'.repeat(150));
    expect(found.filter(({ type }) => type === 'hardlink')).toHaveLength(1);
  });
});
