import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defineAction } from '@tidegate/runner';
import { inputFlags } from './flags.ts';
import { readInputs, withoutSecrets } from './inputs.ts';
import { parseFlags } from './parse.ts';

const ACTION = defineAction({
  name: 'x',
  title: 'X',
  description: '',
  branding: { icon: '', color: '' },
  inputs: {
    image: { type: 'list', required: true, description: 'Repository.' },
    labels: { type: 'pairs', description: 'Labels.' },
    rootless: { type: 'boolean', description: 'Rootless.' },
    key: { type: 'string', secret: true, description: 'Key.' },
    'secret-files': { type: 'pairs', secret: true, description: 'Files.' },
  },
  outputs: {},
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-inputs-'));
  await writeFile(join(folder, 'key'), 'from the file\n');
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  Object.fromEntries(
    await readInputs(ACTION, parseFlags(argv, inputFlags(ACTION), 'x'), 'x', {
      folder: '/',
      env,
      stdin: async () => 'from stdin',
    }),
  );

test('lists are lines, booleans are words, an argument is the image', async () => {
  expect(
    await read(['a/b', '--labels', 'a=1', '--labels', 'b=2', '--no-rootless', '--secret-files', 'id=path']),
  ).toEqual({
    image: 'a/b',
    labels: 'a=1\nb=2',
    rootless: 'false',
    'secret-files': 'id=path',
  });
});

test('several arguments are a list of images, where the action takes several', async () => {
  expect((await read(['a', 'b'])).image).toBe('a\nb');
});

test('a pair with line breaks or quotes stays one item', async () => {
  expect((await read(['--image', 'a', '--labels', 'a=line 1\nsay "hi"'])).labels).toBe('"a=line 1\nsay ""hi"""');
});

test('a secret comes from a file, stdin or a variable', async () => {
  expect((await read(['a', '--key-file', join(folder, 'key')])).key).toBe('from the file\n');
  expect((await read(['a', '--key-file', '-'])).key).toBe('from stdin');
  expect((await read(['a'], { TIDEGATE_KEY: 'from the environment' })).key).toBe('from the environment');
});

test.each([
  [
    ['a', '--key-file', '/nowhere'],
    {},
    '--key-file: got "/nowhere", expected a readable file, or - for stdin, but it does not exist.',
  ],
  [['a', '--key-file', tmpdir()], {}, 'but it is a folder.'],
  [['a', '--key-file', '-'], { TIDEGATE_KEY: 'x' }, 'TIDEGATE_KEY is set, and --key-file is given.'],
  [[], {}, '--image is missing. Repository.'],
  [['a', '--image', 'b'], {}, 'The image is given twice'],
])('%j is refused', async (argv, env, message) => {
  await expect(read(argv, env)).rejects.toThrow(message);
});

test('no child process gets the variables of secrets', () => {
  expect(withoutSecrets({ TIDEGATE_KEY: 'x', TIDEGATE_OTHER: 'y' }, ACTION)).toEqual({ TIDEGATE_OTHER: 'y' });
});
