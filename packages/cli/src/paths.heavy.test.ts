import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newRepository, type Repository } from './repository.fixture.ts';

const POD = 'apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: "acme/app:latest"}]}\n';
const LINT = ['lint', '--no-buildkit-checks', '--hadolint', 'off', '--fail-on', 'none'];

let repository: Repository;
beforeAll(async () => {
  repository = await newRepository({
    Dockerfile: 'FROM scratch\n',
    'app/Dockerfile': 'FROM alpine:latest\n',
    'app/k8s/pod.yaml': POD,
    'app/policy.yml': 'version: 1\nvulnerabilities: { fail-on: critical }\n',
  });
});
afterAll(() => repository.remove());

test.each([
  ['a folder', ['.'], 'app/Dockerfile:1'],
  ['a folder below', ['k8s'], 'app/k8s/pod.yaml:'],
  ['a file', ['k8s/pod.yaml'], 'app/k8s/pod.yaml:'],
  ['a Dockerfile', ['--files', 'Dockerfile'], 'app/Dockerfile:1'],
])('lint takes %s from the current folder', async (_, argv, place) => {
  const { exitCode, stderr } = await repository.runIn('app', ...LINT, ...argv);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining(place)]);
});

test.each([
  [['.'], ['app/Dockerfile', 'app/k8s/pod.yaml']],
  [['k8s'], ['app/k8s/pod.yaml']],
  [
    ['../Dockerfile', 'Dockerfile'],
    ['Dockerfile', 'app/Dockerfile'],
  ],
])('lint %j checks nothing else', async (argv, files) => {
  const { stdout } = await repository.runIn('app', ...LINT, '--json', ...argv);
  const { report } = JSON.parse(stdout);
  const found = new Set(report.findings.map(({ file }: { file: string }) => file));
  expect([...found].filter((file) => file !== 'Dockerfile')).toEqual(files.filter((file) => file !== 'Dockerfile'));
  expect(report.dockerfiles).toBe(files.filter((file) => file.endsWith('Dockerfile')).length);
});

describe('outside of a checkout', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-lint-')));
    for (const name of ['a', 'b', 'empty']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'a/Dockerfile'), 'FROM alpine:latest\n');
    await writeFile(join(folder, 'b/Dockerfile'), 'FROM alpine:latest\n');
    await writeFile(join(folder, 'empty/data.json'), '{}');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('lint FOLDER checks that folder, not the one around it', async () => {
    const { stderr } = await repository.runIn(relative(repository.folder, folder), ...LINT, 'a');
    expect(stderr).toContain('Checked 1 Dockerfile and 0 other files');
    expect(stderr).not.toContain('b/Dockerfile');
  });

  test('lint of a folder with nothing to check fails', async () => {
    const nothing = 'No Dockerfile, script or manifest to check was found in';
    const named = await repository.runIn(relative(repository.folder, folder), ...LINT, 'empty');
    expect(named).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${nothing} "empty".`) });
    const here = await repository.runIn(relative(repository.folder, join(folder, 'empty')), ...LINT);
    expect(here).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${nothing} "${folder}/empty".`) });
    expect(here.stderr).toContain('Set --files to');
  });
});

test('lint of a checkout without a Dockerfile says so', async () => {
  const { exitCode, stderr } = await repository.runIn('app/k8s', ...LINT, '--exclude', '**/Dockerfile');
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('note: No Dockerfile was found in')]);
});

test('other commands take paths from the current folder, too', async () => {
  const { stdout } = await repository.runIn('app', 'policy', 'show', '--policy', 'policy.yml');
  expect(stdout).toContain('fail-on: critical');
  const report = await repository.runIn('app', 'report', './k8s');
  expect(report).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('app/k8s is not an image layout') });
  const below = await repository.runIn('app', 'sbom', '--layout', 'k8s');
  expect(below).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('app/k8s is not an image layout') });
});

test.each([
  ['--hadolint', 'bin/hadolint', '/app/bin/hadolint', LINT.slice(0, 2)],
  ['--tools', '../tools', '/tools', LINT],
  ['--policy', 'nosuch.yml', 'app/nosuch.yml', LINT],
])('%s %s of a command in app is %s', async (flag, value, path, argv) => {
  const { exitCode, stderr } = await repository.runIn('app', ...argv, flag, value);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(path)]);
});

test('lint refuses a path that does not exist, and a manifest as a Dockerfile', async () => {
  const missing = await repository.run(...LINT, 'nosuch');
  expect(missing).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('The argument "nosuch" is not an existing path.'),
  });
  const manifest = await repository.run(...LINT, '--files', 'app/k8s/pod.yaml');
  expect(manifest.stderr).toContain('expected the path of a Dockerfile, not of a manifest');
  expect(manifest.stderr).toContain('manifests that git tracks are checked anyway.');
  expect(manifest.exitCode).toBe(2);
});
