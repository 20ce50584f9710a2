import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { PINS, releasePath } from './pins.ts';
import { type Bench, inTarGz, newBench, pinsFor, sha256, tarGz } from './toolbox.fixture.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await newBench();
});
afterEach(() => bench.remove());

describe('a download', () => {
  test('comes from the pinned release, is unpacked to a private program, and is downloaded once', async () => {
    const bytes = await tarGz(['LICENSE', 'text'], ['syft', 'program']);
    const { box, asked } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const [tool, again] = await Promise.all([box.get('syft'), box.get('syft')]);
    expect(again).toBe(tool);
    expect(asked).toEqual(['https://github.com/owner/repo/releases/download/v1.2.3/syft-file']);
    expect(tool).toMatchObject({ name: 'syft', version: '1.2.3', source: 'download' });
    expect(await readFile(tool.path, 'utf8')).toBe('program');
    expect(await readdir(dirname(tool.path))).toEqual(['syft']);
    // Evidence names the published file, whose bytes anyone can download and hash.
    const [release] = asked;
    expect(await tool.program).toEqual({ name: 'syft', digest: digestOf(bytes), release });
    expect(await readFile(bench.cachedFile('syft'))).toEqual(bytes);
    await box.dispose();
    expect(await readdir(join(bench.folder, 'temp'))).toEqual([]);
  });

  test('that is the program itself becomes executable', async () => {
    const bytes = Buffer.from('program');
    const { box } = bench.toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }));
    const { path } = await box.get('cosign');
    await expect(readFile(path, 'utf8')).resolves.toBe('program');
    expect(path.endsWith('/cosign')).toBe(true);
  });

  test('brings the members beside the program too', async () => {
    const bytes = await tarGz(['bin/buildkitd', 'daemon'], ['bin/buildkit-runc', 'runc'], ['bin/buildctl', 'client']);
    const { box } = bench.toolbox(bytes, pinsFor('buildkitd', bytes, inTarGz('bin/buildkitd', 'bin/buildkit-runc')));
    const { path } = await box.get('buildkitd');
    expect((await readdir(dirname(path))).toSorted()).toEqual(['buildkit-runc', 'buildkitd']);
  });

  const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)));
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['with one bit flipped', flip],
    ['that was cut short', (bytes) => bytes.subarray(0, -1)],
    ['with nothing in it', () => Buffer.alloc(0)],
    ['with more at its end', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('%s is deleted, not unpacked and not cached', async (_, spoil) => {
    const bytes = await tarGz(['syft', 'program']);
    const spoiled = spoil(bytes);
    const { box } = bench.toolbox(spoiled, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringMatching(`expected sha256 ${sha256(bytes)}, got ${sha256(spoiled)}`),
    });
    expect(await bench.left()).toEqual([]);
    await expect(readFile(bench.cachedFile('syft'))).rejects.toThrow('ENOENT');
  });

  test('that is not there names the URL and the ways round it', async () => {
    const missing = Object.assign(new Error('Unexpected HTTP response: 404'), { httpStatusCode: 404 });
    const { box } = bench.toolbox(missing, undefined);
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(
        `https://github.com/${releasePath(PINS.syft, 'syft_1.52.0_linux_amd64.tar.gz')}`,
      ),
      next: expect.stringContaining('tools-mirror'),
    });
  });

  test('for a platform without a release says which there are', async () => {
    const { box, asked } = bench.toolbox(Buffer.alloc(0), undefined, {
      platform: { os: 'linux', architecture: 's390x' },
    });
    await expect(box.get('syft')).rejects.toMatchObject({
      message: 'syft 1.52.0 is not published for linux/s390x.',
      next: expect.stringContaining('linux/amd64'),
    });
    expect(asked).toEqual([]);
  });
});

describe('the tool cache', () => {
  const prepare = async (cached: Uint8Array) => {
    await mkdir(dirname(bench.cachedFile('syft')), { recursive: true });
    await writeFile(bench.cachedFile('syft'), cached);
  };

  test('saves the download, and is checked again', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(bytes);
    const { box, asked } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    expect(await box.get('syft')).toMatchObject({ source: 'cache' });
    expect(asked).toEqual([]);
  });

  test('that was tampered with is reported, replaced, and never run', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(await tarGz(['syft', 'evil']));
    const { box } = bench.toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const tool = await box.get('syft');
    expect(tool.source).toBe('download');
    expect(await readFile(tool.path, 'utf8')).toBe('program');
    expect(await readFile(bench.cachedFile('syft'))).toEqual(bytes);
    expect(bench.said.join('\n')).toContain('syft-file in the tool cache is not the pinned file');
  });

  test.each([
    ['a file', () => join(bench.folder, 'cache')],
    ['below a file', () => join(bench.folder, 'cache', 'deeper')],
    ['where nothing can be made', () => '/proc/none'],
  ])('that is %s costs one notice, not the job', async (_, cache) => {
    await writeFile(join(bench.folder, 'cache'), 'a file where the folder should be');
    const bytes = await tarGz(['syft', 'program'], ['grype', 'program']);
    const pins = { ...pinsFor('syft', bytes, inTarGz('syft')), grype: pinsFor('grype', bytes, inTarGz('grype')).grype };
    const { box } = bench.toolbox(bytes, pins, { toolCache: cache(), log: { ...bench.log, debug() {} } });
    for (const name of ['syft', 'grype'] as const) {
      const tool = await box.get(name);
      expect([tool.source, await readFile(tool.path, 'utf8')]).toEqual(['download', 'program']);
    }
    expect(bench.said).toEqual([
      expect.stringMatching(/^Tools could not be saved in the tool cache .*download them again: .*\bE[A-Z]+: /),
    ]);
  });

  test('that is full of what is wanted is used though it cannot be written', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(bytes);
    await chmod(dirname(bench.cachedFile('syft')), 0o500);
    const { box } = bench.toolbox(new Error('offline'), pinsFor('syft', bytes, inTarGz('syft')));
    expect(await box.get('syft')).toMatchObject({ source: 'cache' });
    expect(bench.said).toEqual([]);
  });
});

describe('a mirror', () => {
  test('that is a folder is as good as the release page', async () => {
    const bytes = Buffer.from('program');
    const mirror = join(bench.folder, 'mirror');
    const at = join(mirror, 'owner/repo/releases/download/v1.2.3');
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'cosign-file'), bytes);
    const { box } = bench.toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }), {
      mirror: pathToFileURL(mirror).href,
    });
    expect(await box.get('cosign')).toMatchObject({ source: 'mirror' });
  });

  test('with a password is used with a login, and the password is not logged', async () => {
    const bytes = Buffer.from('program');
    let header: string | undefined;
    const { box } = bench.toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }), {
      mirror: 'https://reader:s3cret@mirror.example.com/github/',
      download: async (url, _, options) => {
        header = options.authorization;
        throw new Error(`refused: ${url}`);
      },
    });
    const error = await box.get('cosign').catch((thrown: Error) => thrown);
    expect(String(error)).toContain('https://mirror.example.com/github/owner/repo/releases');
    expect(String(error)).not.toContain('s3cret');
    expect(header).toBe(`Basic ${Buffer.from('reader:s3cret').toString('base64')}`);
  });

  test.each(['mirror.example.com', 'ftp://mirror', 'https://mirror/?x=y'])('%s is refused', async (mirror) => {
    const { box, asked } = bench.toolbox(Buffer.alloc(0), undefined, { mirror });
    await expect(box.get('syft')).rejects.toMatchObject({ id: 'tool-mirror-invalid' });
    expect(asked).toEqual([]);
  });
});

describe('a program that the user names', () => {
  test('by its path or in a folder is used before any other', async () => {
    const programs = join(bench.folder, 'programs');
    await mkdir(programs);
    for (const name of ['syft', 'grype', 'own-grype']) await writeFile(join(programs, name), '', { mode: 0o755 });
    const { box, asked } = bench.toolbox(new Error('offline'), undefined, {
      folder: programs,
      paths: { grype: join(programs, 'own-grype') },
    });
    expect(await box.get('syft')).toMatchObject({ path: join(programs, 'syft'), source: 'path' });
    expect(await box.get('grype')).toMatchObject({ path: join(programs, 'own-grype'), source: 'path' });
    await expect(box.get('buildx')).rejects.toThrow('offline');
    expect(asked).toHaveLength(1);
  });

  test('is named in evidence by its own digest, and as no release', async () => {
    const programs = join(bench.folder, 'programs');
    await mkdir(programs);
    await writeFile(join(programs, 'syft'), 'my own', { mode: 0o755 });
    const { box } = bench.toolbox(new Error('offline'), undefined, { folder: programs });
    expect(await (await box.get('syft')).program).toEqual({ name: 'syft', digest: digestOf('my own') });
  });

  test.each([
    ['is missing', 'nowhere', 'does not exist'],
    ['is a folder', '.', 'is not a file'],
    ['may not be run', 'plain', 'is not executable'],
  ])('and that %s is an error, never a reason to take another', async (_, name, message) => {
    await writeFile(join(bench.folder, 'plain'), '');
    await chmod(join(bench.folder, 'plain'), 0o644);
    const { box, asked } = bench.toolbox(Buffer.alloc(0), undefined, { paths: { syft: join(bench.folder, name) } });
    await expect(box.get('syft')).rejects.toMatchObject({ kind: 'tool', message: expect.stringContaining(message) });
    expect(asked).toEqual([]);
  });

  test('in a folder that is none is an error', async () => {
    const { box } = bench.toolbox(Buffer.alloc(0), undefined, { folder: join(bench.folder, 'nowhere') });
    await expect(box.get('syft')).rejects.toMatchObject({
      id: 'tools-folder-unusable',
      message: expect.stringContaining('nowhere is not a folder: it does not exist.'),
    });
  });
});
