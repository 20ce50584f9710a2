import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, type Log, type Platform } from '@tidegate/core';
import { pack } from 'tar-stream';
import { PINS, type Pin, releasePath } from './pins.ts';
import type { ToolName } from './tool.ts';
import { createToolbox, type ToolboxOptions } from './toolbox.ts';

type Entry = readonly [name: string, content: string, type?: 'file' | 'symlink'];

async function tarGz(...entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content, type = 'file'] of entries) {
    if (type === 'symlink') archive.entry({ name, type, linkname: content });
    else archive.entry({ name, mode: 0o644 }, content);
  }
  archive.finalize();
  return gzipSync(await buffer(archive));
}

const platform: Platform = { os: 'linux', architecture: 'amd64' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function pinsFor(name: ToolName, bytes: Uint8Array, packing: Pin['packing']): Record<ToolName, Pin> {
  const files = { 'linux/amd64': { file: `${name}-file`, sha256: sha256(bytes) } };
  return { ...PINS, [name]: { version: '1.2.3', repository: 'owner/repo', packing, files } };
}

let folder: string;
let said: string[];
let log: Log;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-toolbox-'));
  said = [];
  const say = (message: string) => void said.push(message);
  log = {
    debug: say,
    info: say,
    notice: say,
    warning: say,
    group: (_, work) => work(log),
    mask: say,
    redact: (text) => text,
  };
});
afterEach(() => rm(folder, { recursive: true }));

/** A toolbox whose downloads return `bytes`, and the requested URLs. */
function toolbox(bytes: Uint8Array | Error, pins: ToolboxOptions['pins'], more: Partial<ToolboxOptions> = {}) {
  const asked: string[] = [];
  const box = createToolbox({
    toolCache: join(folder, 'cache'),
    temp: join(folder, 'temp'),
    platform,
    log,
    progress: { start: () => ({ advance() {}, done() {} }) },
    download: async (url, to) => {
      asked.push(url);
      if (bytes instanceof Error) throw bytes;
      await writeFile(to, bytes, { flag: 'wx' });
    },
    ...(pins ? { pins } : {}),
    ...more,
  });
  return { box, asked };
}

const cachedFile = (name: ToolName) =>
  join(folder, 'cache', `tidegate-${name}`, '1.2.3', 'linux-amd64', `${name}-file`);
/** All files in the folder for private files, so that a test can check that none is left. */
const left = async () =>
  (await readdir(join(folder, 'temp'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
const inTarGz = (...members: [string, ...string[]]): Pin['packing'] => ({ kind: 'tar.gz', members });

describe('a download', () => {
  test('comes from the pinned release, is unpacked to a private program, and is asked for once', async () => {
    const bytes = await tarGz(['LICENSE', 'text'], ['syft', 'program']);
    const { box, asked } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const [tool, again] = await Promise.all([box.get('syft'), box.get('syft')]);
    expect(again).toBe(tool);
    expect(asked).toEqual(['https://github.com/owner/repo/releases/download/v1.2.3/syft-file']);
    expect(tool).toMatchObject({ name: 'syft', version: '1.2.3', source: 'download' });
    expect(await readFile(tool.path, 'utf8')).toBe('program');
    expect(await readdir(dirname(tool.path))).toEqual(['syft']);
    // Evidence names the published file, whose bytes anyone can download and hash.
    const [release] = asked;
    expect(await tool.program).toEqual({ name: 'syft', digest: digestOf(bytes), release });
    expect(await readFile(cachedFile('syft'))).toEqual(bytes);
    await box.dispose();
    expect(await readdir(join(folder, 'temp'))).toEqual([]);
  });

  test('that is the program itself becomes executable', async () => {
    const bytes = Buffer.from('program');
    const { box } = toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }));
    const { path } = await box.get('cosign');
    await expect(readFile(path, 'utf8')).resolves.toBe('program');
    expect(path.endsWith('/cosign')).toBe(true);
  });

  test('brings the members beside the program too', async () => {
    const bytes = await tarGz(['bin/buildkitd', 'daemon'], ['bin/buildkit-runc', 'runc'], ['bin/buildctl', 'client']);
    const { box } = toolbox(bytes, pinsFor('buildkitd', bytes, inTarGz('bin/buildkitd', 'bin/buildkit-runc')));
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
    const { box } = toolbox(spoiled, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringMatching(`expected sha256 ${sha256(bytes)}, got ${sha256(spoiled)}`),
    });
    expect(await left()).toEqual([]);
    await expect(readFile(cachedFile('syft'))).rejects.toThrow('ENOENT');
  });

  test('that is not there names the URL and the ways round it', async () => {
    const missing = Object.assign(new Error('Unexpected HTTP response: 404'), { httpStatusCode: 404 });
    const { box } = toolbox(missing, undefined);
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(
        `https://github.com/${releasePath(PINS.syft, 'syft_1.52.0_linux_amd64.tar.gz')}`,
      ),
      next: expect.stringContaining('tools-mirror'),
    });
  });

  test('for a platform without a release says which there are', async () => {
    const { box, asked } = toolbox(Buffer.alloc(0), undefined, { platform: { os: 'linux', architecture: 's390x' } });
    await expect(box.get('syft')).rejects.toMatchObject({
      message: 'syft 1.52.0 is not published for linux/s390x.',
      next: expect.stringContaining('linux/amd64'),
    });
    expect(asked).toEqual([]);
  });
});

describe('the tool cache', () => {
  const prepare = async (cached: Uint8Array) => {
    await mkdir(dirname(cachedFile('syft')), { recursive: true });
    await writeFile(cachedFile('syft'), cached);
  };

  test('saves the download, and is checked again', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(bytes);
    const { box, asked } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    expect(await box.get('syft')).toMatchObject({ source: 'cache' });
    expect(asked).toEqual([]);
  });

  test('that somebody poisoned is said, replaced, and never runs', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(await tarGz(['syft', 'evil']));
    const { box } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const tool = await box.get('syft');
    expect(tool.source).toBe('download');
    expect(await readFile(tool.path, 'utf8')).toBe('program');
    expect(await readFile(cachedFile('syft'))).toEqual(bytes);
    expect(said.join('\n')).toContain('syft-file in the tool cache is not the pinned file');
  });

  test.each([
    ['a file', () => join(folder, 'cache')],
    ['below a file', () => join(folder, 'cache', 'deeper')],
    ['where nothing can be made', () => '/proc/none'],
  ])('that is %s costs one notice, not the job', async (_, cache) => {
    await writeFile(join(folder, 'cache'), 'a file where the folder should be');
    const bytes = await tarGz(['syft', 'program'], ['grype', 'program']);
    const pins = { ...pinsFor('syft', bytes, inTarGz('syft')), grype: pinsFor('grype', bytes, inTarGz('grype')).grype };
    const { box } = toolbox(bytes, pins, { toolCache: cache(), log: { ...log, debug() {} } });
    for (const name of ['syft', 'grype'] as const) {
      const tool = await box.get(name);
      expect([tool.source, await readFile(tool.path, 'utf8')]).toEqual(['download', 'program']);
    }
    expect(said).toEqual([
      expect.stringMatching(/^Tools could not be saved in the tool cache .*download them again: .*\bE[A-Z]+: /),
    ]);
  });

  test('that is full of what is wanted is used though it cannot be written', async () => {
    const bytes = await tarGz(['syft', 'program']);
    await prepare(bytes);
    await chmod(dirname(cachedFile('syft')), 0o500);
    const { box } = toolbox(new Error('offline'), pinsFor('syft', bytes, inTarGz('syft')));
    expect(await box.get('syft')).toMatchObject({ source: 'cache' });
    expect(said).toEqual([]);
  });
});

describe('an archive that tries to write elsewhere', () => {
  const outside = '../../../../escaped';
  test.each<[string, Entry[]]>([
    ['by dots', [[outside, 'evil']]],
    ['by an absolute path', [['/tmp/tidegate-escaped', 'evil']]],
    [
      'by a link and a file behind it',
      [
        ['bin', '/tmp', 'symlink'],
        ['bin/tidegate-escaped', 'evil'],
      ],
    ],
    ['by a link in the place of the program', [['syft', '/etc/passwd', 'symlink']]],
  ])('%s gives the program alone', async (_, entries) => {
    const bytes = await tarGz(...entries, ['syft', 'program']);
    const { box } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    const { path } = await box.get('syft');
    expect(await readFile(path, 'utf8')).toBe('program');
    expect(await left()).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['cache', 'temp']);
  });

  test.each<[string, Entry[], string]>([
    ['without the program', [['grype', 'other']], 'does not contain syft'],
    ['with the program as a link', [['syft', '/etc/passwd', 'symlink']], 'does not contain syft'],
  ])('%s is refused', async (_, entries, message) => {
    const bytes = await tarGz(...entries);
    const { box } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining(message),
    });
  });

  test('or is no archive, though it has the pinned sum, is refused', async () => {
    const bytes = Buffer.from('not gzip');
    const { box } = toolbox(bytes, pinsFor('syft', bytes, inTarGz('syft')));
    await expect(box.get('syft')).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining('could not be unpacked'),
    });
  });
});

describe('a mirror', () => {
  test('that is a folder is as good as the release page', async () => {
    const bytes = Buffer.from('program');
    const mirror = join(folder, 'mirror');
    const at = join(mirror, 'owner/repo/releases/download/v1.2.3');
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'cosign-file'), bytes);
    const { box } = toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }), {
      mirror: pathToFileURL(mirror).href,
    });
    expect(await box.get('cosign')).toMatchObject({ source: 'mirror' });
  });

  test('with a password is logged into, and the password is not told', async () => {
    const bytes = Buffer.from('program');
    let header: string | undefined;
    const { box } = toolbox(bytes, pinsFor('cosign', bytes, { kind: 'program' }), {
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
    const { box, asked } = toolbox(Buffer.alloc(0), undefined, { mirror });
    await expect(box.get('syft')).rejects.toMatchObject({ id: 'tool-mirror-invalid' });
    expect(asked).toEqual([]);
  });
});

describe('a program that the user names', () => {
  test('by its path or in a folder is used before any other', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    for (const name of ['syft', 'grype', 'own-grype']) await writeFile(join(programs, name), '', { mode: 0o755 });
    const { box, asked } = toolbox(new Error('offline'), undefined, {
      folder: programs,
      paths: { grype: join(programs, 'own-grype') },
    });
    expect(await box.get('syft')).toMatchObject({ path: join(programs, 'syft'), source: 'path' });
    expect(await box.get('grype')).toMatchObject({ path: join(programs, 'own-grype'), source: 'path' });
    await expect(box.get('buildx')).rejects.toThrow('offline');
    expect(asked).toHaveLength(1);
  });

  test('is named in evidence by its own digest, and as no release', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    await writeFile(join(programs, 'syft'), 'my own', { mode: 0o755 });
    const { box } = toolbox(new Error('offline'), undefined, { folder: programs });
    expect(await (await box.get('syft')).program).toEqual({ name: 'syft', digest: digestOf('my own') });
  });

  test.each([
    ['is missing', 'nowhere', 'does not exist'],
    ['is a folder', '.', 'is not a file'],
    ['may not be run', 'plain', 'is not executable'],
  ])('and that %s is an error, never a reason to take another', async (_, name, message) => {
    await writeFile(join(folder, 'plain'), '');
    await chmod(join(folder, 'plain'), 0o644);
    const { box, asked } = toolbox(Buffer.alloc(0), undefined, { paths: { syft: join(folder, name) } });
    await expect(box.get('syft')).rejects.toMatchObject({ kind: 'tool', message: expect.stringContaining(message) });
    expect(asked).toEqual([]);
  });

  test('in a folder that is none is an error', async () => {
    const { box } = toolbox(Buffer.alloc(0), undefined, { folder: join(folder, 'nowhere') });
    await expect(box.get('syft')).rejects.toMatchObject({ id: 'tools-folder-unusable' });
  });
});

describe('through @actions/tool-cache, outside a runner', () => {
  test('bytes arrive and are counted; 404 is said at once', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const server = createServer((request, response) => {
      response.writeHead(request.url?.includes('cosign') ? 200 : 404).end(bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    let counted = 0;
    const advance = (more: number) => {
      counted += more;
    };
    const box = createToolbox({
      toolCache: join(folder, 'cache'),
      temp: join(folder, 'temp'),
      platform,
      log,
      progress: { start: () => ({ advance, done() {} }) },
      pins: pinsFor('cosign', bytes, { kind: 'program' }),
      mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    try {
      expect(await box.get('cosign')).toMatchObject({ source: 'mirror' });
      expect(counted).toBe(bytes.length);
      await expect(box.get('grype')).rejects.toMatchObject({ kind: 'not-found' });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test('two programs come side by side', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const waiting: ServerResponse[] = [];
    // Respond to no request before both have arrived.
    const server = createServer((_, response) => {
      if (waiting.push(response) === 2) for (const one of waiting) one.end(bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const box = createToolbox({
      toolCache: join(folder, 'cache'),
      temp: join(folder, 'temp'),
      platform,
      log,
      progress: { start: () => ({ advance() {}, done() {} }) },
      pins: {
        ...pinsFor('cosign', bytes, { kind: 'program' }),
        grype: pinsFor('grype', bytes, { kind: 'program' }).grype,
      },
      mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    try {
      const tools = await Promise.all([box.get('cosign'), box.get('grype')]);
      expect(tools.map(({ source }) => source)).toEqual(['mirror', 'mirror']);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('the pins', () => {
  const published = Object.entries(PINS).flatMap(([name, pin]) =>
    Object.entries(pin.files).map(([where, { file, sha256: sum }]) => [name, where, file, sum, pin.version] as const),
  );
  test.each(published)('%s for %s: a sum, and a file that says what it is for', (_, where, file, sum) => {
    expect(sum).toMatch(/^[0-9a-f]{64}$/);
    const [os = '', architecture = ''] = where.split('/');
    expect(file).toContain(os);
    expect(file).toContain(architecture);
  });

  test('name no two files with the same sum', () => {
    expect(new Set(published.map(([, , , sum]) => sum)).size).toBe(published.length);
  });
});
