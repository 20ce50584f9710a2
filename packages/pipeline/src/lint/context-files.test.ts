import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readSource } from '@tidegate/source';
import { contextFiles } from './context-files.ts';

let root = '';
let context = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'context-files-'));
  context = join(root, 'context');
  await mkdir(context);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function found(copies: string, files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), text);
  }
  const given = await contextFiles(context, join(context, 'Dockerfile'), `FROM scratch\n${copies}\n`, (file) =>
    readSource(dirname(file), basename(file), 1024 * 1024),
  );
  return Object.fromEntries(
    [...given].map(([source, list]) => [
      source,
      list.map(({ path, content, isFolder }) => `${path}${isFolder ? '/' : ''} ${content ?? '-'}`),
    ]),
  );
}

test('a file that is named is read, whatever it is called', async () => {
  expect(await found('COPY .npmrc notes.txt gone.txt ./', { '.npmrc': 'a', 'notes.txt': 'b' })).toEqual({
    '.npmrc': ['.npmrc a'],
    'notes.txt': ['notes.txt b'],
  });
});

test('of a folder, files are read that may be secrets by their name', async () => {
  const files = {
    '.env': 'a',
    'index.js': 'b',
    'conf/master.key': 'c',
    '.git/config': 'd',
    '.git/HEAD': 'e',
    '.ssh/id_rsa': 'f',
  };
  expect(await found('COPY . .\nADD ["conf", "/conf/"]', files)).toEqual({
    '.': ['.env a', '.git/ -', '.git/config d', '.ssh/ -', '.ssh/id_rsa f'],
    conf: ['conf/ -', 'conf/master.key c'],
  });
});

test('patterns are those of Go, and nothing leads out of the context', async () => {
  await writeFile(join(root, '.env'), 'outside');
  const files = { '.npmrc': 'a', 'a/x.key': 'b', 'b/x.key': 'c', 'b/c/x.key': 'd' };
  expect(await found('COPY .npmrc* */x.key ../.env /.npmrc gone* /', files)).toEqual({
    '.npmrc*': ['.npmrc a'],
    '*/x.key': ['a/x.key b', 'b/x.key c'],
    '/.npmrc': ['.npmrc a'],
  });
});

test('files that .dockerignore excludes are not read', async () => {
  const files = { '.dockerignore': '.env*\n!.env.ci\n', '.env': 'a', '.env.ci': 'b' };
  expect(await found('COPY . .\nCOPY .env /', files)).toEqual({ '.': ['.env.ci b'] });
});

test("a Dockerfile's own .dockerignore replaces the context's", async () => {
  const files = { '.dockerignore': '', 'Dockerfile.dockerignore': '.env\n', '.env': 'a' };
  expect(await found('COPY .env /', files)).toEqual({});
});

test('links are not followed, and what is too large is not read', async () => {
  await mkdir(join(root, 'outside'));
  await writeFile(join(root, 'outside/token'), 'secret');
  await symlink(join(root, 'outside/token'), join(context, '.env'));
  await symlink(join(root, 'outside'), join(context, 'linked'));
  const files = { 'big.key': 'x'.repeat(1024 * 1024 + 1) };
  expect(await found('COPY .env linked/token big.key linked /', files)).toEqual({
    '.env': ['.env -'],
    'big.key': ['big.key -'],
    linked: ['linked -'],
  });
});

test('here-documents, addresses, other stages and ONBUILD are not looked for in the context', async () => {
  const text = 'COPY <<EOF /x\nEOF\nADD https://example.org/x.key /\nCOPY --from=a .env /\nONBUILD COPY .env /';
  expect(await found(text, { '.env': 'a' })).toEqual({});
});
