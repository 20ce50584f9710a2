import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assertNoLfsPointers } from './lfs.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 123456\n`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lfs-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function check(
  files: Readonly<Record<string, string>>,
  context = '.',
  buildContexts: readonly (readonly [string, string])[] = [],
): Promise<void> {
  for (const [path, text] of Object.entries({ Dockerfile: 'FROM scratch\n', ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const isHere = !context.includes('://');
  return assertNoLfsPointers({ context: isHere ? join(root, context) : context, buildContexts, workspace: root });
}

describe('a Git LFS pointer in the build context', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['at its top', { '.gitattributes': '*.bin filter=lfs\n', 'model.bin': POINTER }, '"model.bin"'],
    ['in a folder', { 'models/.gitattributes': '*.bin filter=lfs\n', 'models/a.bin': POINTER }, '"models/a.bin"'],
  ])('%s is named before the build', async (_, files, named) => {
    await expect(check(files)).rejects.toThrow(`Git LFS pointers instead of files: ${named}.`);
  });

  test('counts with attributes of a folder above the context', async () => {
    await expect(check({ '.gitattributes': '*.bin filter=lfs\n', 'app/a.bin': POINTER }, 'app')).rejects.toThrow(
      '"a.bin"',
    );
  });

  test('is named three times at most, with the number of the others', async () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.bin`, POINTER]));
    await expect(check({ ...files, '.gitattributes': '*.bin filter=lfs\n' })).rejects.toThrow('"c.bin" and 2 more.');
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['that .dockerignore leaves out', { '.dockerignore': 'data\n', 'data/model.bin': POINTER }],
    ['that has become a file', { 'model.bin': 'the model itself' }],
    ['that is only written about', { 'readme.md': `A pointer begins with: ${POINTER}` }],
  ])('%s does not stop a build', async (_, files) => {
    await expect(check({ '.gitattributes': '*.bin filter=lfs\n', ...files })).resolves.toBeUndefined();
  });
});

describe('a Git LFS pointer in an additional build context', () => {
  const files = { '.gitattributes': '*.bin filter=lfs\n', 'app/main.go': '', 'data/model.bin': POINTER };

  test.each<[string, string]>([
    ['beside a folder', 'app'],
    ['beside a git URL', 'https://example.org/acme/app.git#main'],
  ])('is named before the build (%s)', async (_, context) => {
    const named = 'The build context "models" contains Git LFS pointers instead of files: "model.bin".';
    await expect(check(files, context, [['models', 'data']])).rejects.toThrow(named);
  });

  test("that the context's own .dockerignore leaves out does not stop a build", async () => {
    await expect(
      check({ ...files, 'data/.dockerignore': '*.bin\n' }, 'app', [['models', 'data']]),
    ).resolves.toBeUndefined();
    // The ignore file of the main context applies to the main context only.
    await expect(
      check({ ...files, 'data/.dockerignore': '', 'app/.dockerignore': '*.bin\n' }, 'app', [['models', './data']]),
    ).rejects.toThrow('"models"');
  });

  test.each(['docker-image://debian:12', 'oci-layout://data', 'target:data', 'https://example.org/x.git', 'nowhere'])(
    '%s is no folder of this machine',
    async (source) => {
      await expect(check(files, 'app', [['models', source]])).resolves.toBeUndefined();
    },
  );
});
