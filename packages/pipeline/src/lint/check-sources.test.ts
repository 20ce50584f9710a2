import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Services } from '../services.ts';
import { lintSource } from './lint-source.ts';
import type { LintOptions, LintReport } from './options.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 123456\n`;
const DOCKERFILE = `FROM scratch@sha256:${'0'.repeat(64)}\nCOPY . /\nUSER 1000\n`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lint-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As in `plan`: one Dockerfile is specified, and the repository does not use Git LFS. */
async function lint(
  files: Readonly<Record<string, string>>,
  { builder, settings = {}, paths }: Partial<LintOptions> = {},
): Promise<LintReport> {
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
  const dockerfiles = paths === undefined ? ['Dockerfile'] : undefined;
  const options = { dockerfiles, context: root, buildArgs: [], buildContexts: [], settings };
  return lintSource({ root, ...options, builder, paths: paths?.map((path) => join(root, path)) }, services);
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

test('a Dockerfile that does not exist fails before a builder is started', async () => {
  const asked: string[] = [];
  const builder = async () => {
    asked.push('builder');
    throw new Error('no builder here');
  };
  await expect(lint({ 'other.sh': '#!/bin/sh\n' }, { builder })).rejects.toMatchObject({ id: 'dockerfile-unreadable' });
  expect(asked).toEqual([]);
});

describe('a file that the user names', () => {
  const FRAGMENT = 'containers:\n  - name: a\n    image: b:latest\n';
  const CONFIG = 'apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n';
  const notes = async (named: string | undefined, text: string, file = 'app.yaml') =>
    (
      await lint({ Dockerfile: DOCKERFILE, [file]: text }, { paths: named === undefined ? undefined : [named] })
    ).findings.map(({ message }) => message);

  test.each([
    ['app.yaml', FRAGMENT],
    ['app.json', '{"containers": [{"name": "a", "image": "b:latest"}]}'],
    ['app.yaml', ''],
  ])('is a note if it contains no Kubernetes object: %s', async (file, text) => {
    expect(await notes(file, text, file)).toEqual([
      'It contains no Kubernetes object and was not checked: no document has apiVersion and kind.',
    ]);
    expect(await notes(undefined, text, file)).toEqual([]);
  });

  test('is a note if it cannot be read', async () => {
    expect(await notes('app.yaml', 'a: [\n')).toEqual([expect.stringContaining('app.yaml')]);
    await symlink('/etc/hostname', join(root, 'link.yaml'));
    expect(await notes('link.yaml', '')).toEqual(['It was not checked: it is a symbolic link.']);
  });

  test.each([
    ['app.yaml', CONFIG],
    ['compose.yaml', 'services: {}\n'],
    ['.github/workflows/ci.yml', 'jobs: {}\n'],
    ['kustomization.yaml', 'resources: []\n'],
    ['release.sh', 'true\n'],
  ])('is no note if rules apply to it: %s', async (file, text) => {
    expect(await notes(file, text, file)).toEqual([]);
  });

  test('is checked even where git does not track it, or a rule would pass it by', async () => {
    const report = await lint(
      { Dockerfile: DOCKERFILE, 'vendor/x.sh': 'docker commit a b\n' },
      { paths: ['vendor/x.sh'] },
    );
    expect(found(report)).toEqual([['vendor/x.sh', 'error', 'hand-made-image']]);
  });
});

describe('paths that the user names', () => {
  const SCRIPT = 'docker commit a b\n';
  const FILES = { 'a/Dockerfile': 'FROM a\n', 'a/x.sh': SCRIPT, 'b/Dockerfile': 'FROM b\n', 'ab/x.sh': SCRIPT };
  const checked = async (...paths: string[]) => {
    const report = await lint(FILES, { paths, settings: { levels: { 'root-user': 'off' } } });
    return [report.dockerfiles, report.others, ...new Set(report.findings.map(({ file }) => file))];
  };

  test.each([
    [['a'], [1, 1, 'a/Dockerfile', 'a/x.sh']],
    [
      ['a', 'b'],
      [2, 1, 'a/Dockerfile', 'a/x.sh', 'b/Dockerfile'],
    ],
    [['a/x.sh'], [0, 1, 'a/x.sh']],
    [['b/Dockerfile'], [1, 0, 'b/Dockerfile']],
  ])('are all that is checked: %j', async (paths, expected) => {
    expect(await checked(...paths)).toEqual(expected);
  });
});

test('JSON files count as checked only if they are manifests', async () => {
  const files = { 'k8s/pod.json': '{"apiVersion": "v1", "kind": "Pod"}', 'k8s/data.json': '{}' };
  expect(await lint(files, { paths: ['k8s'] })).toMatchObject({ dockerfiles: 0, others: 1 });
});

test('JSON files that are data are passed by, however long', async () => {
  const long = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
  expect(found(await lint({ Dockerfile: DOCKERFILE, 'data.json': long, 'x.json': '{"containers": [' }))).toEqual([]);
  expect(found(await lint({ Dockerfile: DOCKERFILE, 'package.json': long }))).toEqual([
    ['package.json', 'note', 'file-not-read'],
  ]);
});

describe('manifests and the rest of the repository', () => {
  const POD = (more: string) =>
    `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: app\n${more}`;
  const OFF = {
    'manifest-root-user': 'off',
    'manifest-writable-root': 'off',
    'manifest-no-memory-limit': 'off',
  } as const;

  test('a folder that a Dockerfile declares as VOLUME is not to be an emptyDir', async () => {
    const mounts = '      volumeMounts: [{name: v, mountPath: /srv/data}]\n  volumes: [{name: v, emptyDir: {}}]\n';
    const files = { Dockerfile: `${DOCKERFILE}VOLUME /srv/data\n`, 'k8s/pod.yaml': POD(mounts) };
    const report = await lint(files, { settings: { levels: { ...OFF, 'manifest-image-latest': 'off' } } });
    expect(found(report)).toEqual([['k8s/pod.yaml', 'warning', 'manifest-state-lost']]);
    expect(report.findings[0]).toMatchObject({ line: 7, message: expect.stringContaining('an emptyDir at /srv/data') });
  });

  test('an image that a kustomization sets is checked there', async () => {
    const files = { Dockerfile: DOCKERFILE, 'k8s/pod.yaml': POD('') };
    expect(found(await lint(files, { settings: { levels: OFF } }))).toEqual([
      ['k8s/pod.yaml', 'warning', 'manifest-image-latest'],
    ]);
    const set = 'images: [{name: app, newTag: 1.2.3}]\n';
    expect(found(await lint({ ...files, 'k8s/prod/kustomization.yaml': set }, { settings: { levels: OFF } }))).toEqual([
      ['k8s/prod/kustomization.yaml', 'warning', 'manifest-image-not-pinned'],
    ]);
  });
});
