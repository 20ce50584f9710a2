import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeFolder } from '@tidegate/tools';
import { diskFailure } from './disk-failure.ts';

let root: string;
let sound: string;
let file: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidegate-disk-'));
  [sound, file] = [join(root, 'sound'), join(root, 'file')];
  await mkdir(sound);
  await writeFile(file, '');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => error,
  );
/** An error as Node throws it: tests on this machine run as root, and file modes do not restrict root. */
const made = (code: string, syscall: string, path?: string, dest?: string) =>
  Object.assign(new Error(`${code}: words, ${syscall}`), { code, syscall, path, dest });
const explained = (error: unknown, env: Record<string, string> = { RUNNER_TEMP: sound }) => {
  const { message, next } = diskFailure(error, env) ?? {};
  return message === undefined ? undefined : `${message} → ${next}`.replaceAll(root, '');
};

describe.each([['RUNNER_TEMP'], ['RUNNER_TOOL_CACHE'], ['HOME'], ['GITHUB_WORKSPACE']])('%s', (variable) => {
  const within = (folder: string) => ({ RUNNER_TEMP: '/elsewhere', [variable]: folder });

  test('that is a file', async () => {
    const says = `${variable} is /file, and /file is a file where a folder must be`;
    const next = `→ Remove that file, or set ${variable} to another folder.`;
    expect(explained(await thrownBy(makeFolder(file)), within(file))).toBe(`${says} (EEXIST, mkdir /file). ${next}`);
    const works = [() => mkdtemp(join(file, 'x-')), () => makeFolder(join(file, 'a/b')), () => readdir(file)];
    for (const work of works) {
      expect(explained(await thrownBy(work()), within(file))).toMatch(`${says} (ENOTDIR, `);
    }
  });

  test('that is below a file', async () => {
    const folder = join(file, 'temp');
    expect(explained(await thrownBy(makeFolder(folder)), within(folder))).toBe(
      `${variable} is /file/temp, and /file is a file where a folder must be (ENOTDIR, mkdir /file/temp). → Remove that file, or set ${variable} to another folder.`,
    );
  });

  test('that is missing', async () => {
    const folder = join(root, 'missing', 'temp');
    expect(explained(await thrownBy(mkdtemp(join(folder, 'x-'))), within(folder))).toMatch(
      /^[A-Z_]+ is \/missing\/temp, and \/missing does not exist \(ENOENT, mkdtemp .* → Create that folder, or set [A-Z_]+ to another folder\.$/,
    );
  });

  test('in which nothing can be made', async () => {
    expect(explained(await thrownBy(makeFolder('/proc/none')), within('/proc/none'))).toBe(
      `${variable} is /proc/none, and nothing can be created in /proc (ENOENT, mkdir /proc/none). → Make that folder writable, or set ${variable} to another folder.`,
    );
    expect(explained(await thrownBy(mkdtemp('/proc/x-')), within('/proc'))).toMatch(/nothing can be created in \/proc/);
  });

  test.each([['mkdir'], ['mkdtemp'], ['open'], ['copyfile']])('that is read-only, seen by %s', (syscall) => {
    const error = made('EROFS', syscall, ...(syscall === 'copyfile' ? [file] : []), join(sound, 'a'));
    expect(explained(error, within(sound))).toBe(
      `${variable} is /sound, and /sound/a is on a read-only file system (EROFS, ${syscall} /sound/a). → Mount /sound writable, or set ${variable} to another folder.`,
    );
  });

  test.each([['EACCES'], ['EPERM']])('that belongs to another process (%s)', (code) => {
    expect(explained(made(code, 'mkdtemp', join(sound, 'x-123456')), within(sound))).toBe(
      `${variable} is /sound, and the user of this step (uid ${process.getuid?.()}) may not write /sound/x-123456 (${code}, mkdtemp /sound/x-123456). → Grant that user access to it, for example with chown -R ${process.getuid?.()} /sound, or set ${variable} to another folder.`,
    );
  });
});

test('without RUNNER_TEMP it is the temporary folder of the system that is named', () => {
  expect(explained(made('EROFS', 'mkdtemp', join(tmpdir(), 'x-')), {})).toMatch(/^TMPDIR is /);
});

test('of what lies deep in a sound folder, the variable is not to be changed', async () => {
  await mkdir(join(sound, 'deep'));
  await writeFile(join(sound, 'deep/file'), '');
  expect(explained(await thrownBy(makeFolder(join(sound, 'deep/file/a'))))).toMatch(
    /^RUNNER_TEMP is \/sound, and \/sound\/deep\/file is a file where a folder must be \(ENOTDIR, .* → Remove that file\.$/,
  );
});

test('of a folder that no variable names, the path is what is said', async () => {
  expect(explained(await thrownBy(makeFolder(join(file, 'reports'))))).toMatch(
    /^\/file is a file where .* → Remove that file\.$/,
  );
  expect(explained(await thrownBy(writeFile(root, '')))).toMatch(/^ ?is a folder where a file must be \(EISDIR/);
  await symlink('loop', join(root, 'loop'));
  expect(explained(await thrownBy(readFile(join(root, 'loop'))))).toMatch(/symbolic link that leads to itself/);
  expect(explained(await thrownBy(mkdir(join(root, 'a'.repeat(300)))))).toMatch(/is too long \(ENAMETOOLONG/);
});

test.each([
  ['ENOSPC', /Free some space: the runner's disk is full/],
  ['EDQUOT', /quota/],
  ['EMFILE', /ulimit -n/],
  ['ENFILE', /fs\.file-max/],
])('%s is of no path', (code, says) => {
  for (const error of [made(code, 'write'), made(code, 'open', join(sound, 'a'))]) {
    expect(explained(error)).toMatch(says);
  }
});

test('a socket that may not be used is explained without a path', () => {
  expect(explained(made('EACCES', 'connect'))).toMatch(/^EACCES: words, connect → Allow the user of this step to open/);
  const socket = (address: string) => Object.assign(made('EACCES', 'connect'), { address });
  expect(explained(socket('/run/docker.sock'))).toMatch(
    /access to \/run\/docker\.sock, for example .* group docker\.$/,
  );
  expect(explained(socket('/run/buildkit.sock'))).toMatch(/access to \/run\/buildkit\.sock\.$/);
});

describe('stays a bug:', () => {
  test('a file that is missing in a sound folder', async () => {
    for (const path of [join(sound, 'none'), join(sound, 'none/at/all')]) {
      expect(explained(await thrownBy(readFile(path)))).toBeUndefined();
    }
  });

  test('a file that was to be new and is there', async () => {
    const existing = writeFile(file, '', { flag: 'wx' });
    expect(explained(await thrownBy(existing))).toBeUndefined();
  });

  test.each([[new Error('x')], [undefined], ['text'], [made('ECONNREFUSED', 'connect')], [{ code: 'ENOSPC' }]])(
    'what is no error of a file system (%p)',
    (thrown) => expect(explained(thrown)).toBeUndefined(),
  );
});

test('a full disk and a folder that cannot be used are different errors', () => {
  expect(diskFailure(made('ENOSPC', 'write'), {})).toMatchObject({ id: 'disk-full' });
  expect(diskFailure(made('EROFS', 'mkdir', join(sound, 'a')), {})).toMatchObject({ id: 'file-access' });
});
