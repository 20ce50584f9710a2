import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Services } from '../services.ts';
import { type LintReport, lintSource } from './lint-source.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 123456\n`;
const DOCKERFILE = `FROM scratch@sha256:${'0'.repeat(64)}\nCOPY . /\nUSER 1000\n`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lint-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As in `plan`: one Dockerfile is specified, and the repository does not use Git LFS. */
async function lint(files: Readonly<Record<string, string>>): Promise<LintReport> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const services = {
    signal: new AbortController().signal,
    log: { debug: () => {} },
    children: { create: async () => ({}) },
    run: async () => {
      throw new Error('no git here: the files are looked for');
    },
  } as unknown as Services;
  const options = { dockerfiles: ['Dockerfile'], context: root, buildArgs: [], buildContexts: [], settings: {} };
  return lintSource({ root, ...options }, services);
}

const found = ({ findings }: LintReport) => findings.map(({ file, level, rule }) => [file, level, rule]);

describe('a checkout without the files of Git LFS', () => {
  test('gives no alarm for pointers in the build context', async () => {
    const context = { 'model.bin': POINTER, 'data/weights.onnx': POINTER, '.dockerignore': '.git\n' };
    expect(found(await lint({ Dockerfile: DOCKERFILE, ...context }))).toEqual([]);
  });

  test('notes a script that is a pointer, and says where pointers are checked', async () => {
    const report = await lint({ Dockerfile: DOCKERFILE, 'release.sh': POINTER, 'compose.yml': POINTER });
    expect(found(report)).toEqual([
      ['compose.yml', 'note', 'file-not-read'],
      ['release.sh', 'note', 'file-not-read'],
    ]);
    expect(report.findings[0]?.message).toContain('The build checks that the image contains no pointers.');
  });

  test('refuses a Dockerfile that is a pointer: it could not be checked before the build', async () => {
    await expect(lint({ Dockerfile: POINTER })).rejects.toMatchObject({
      message: expect.stringContaining(': it is a Git LFS pointer.'),
      next: expect.stringContaining('Keep Dockerfiles out of Git LFS'),
    });
  });

  test('finds what a script does that only begins like a pointer', async () => {
    const script = `${POINTER}docker commit builder acme/app\n`;
    expect(found(await lint({ Dockerfile: DOCKERFILE, 'release.sh': script }))).toEqual([
      ['release.sh', 'error', 'hand-made-image'],
    ]);
  });
});
