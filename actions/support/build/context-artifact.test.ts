import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { contextNames, withContextArtifact } from './context-artifact.ts';

/** An archive with `app.jar`, whose content is `jar`. */
const ZIP = Buffer.from(
  'UEsDBBQAAAAAAAAAIQAS3ex4AwAAAAMAAAAHAAAAYXBwLmphcmphclBLAQIUAxQAAAAAAAAAIQAS3ex4AwAAAAMAAAAHAAAAAAAAAAAAAACkgQAAAABhcHAuamFyUEsFBgAAAAABAAEANQAAACgAAAAAAA==',
  'base64',
);
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let base: string;
let job: Job;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'artifact-'));
  await mkdir(join(base, 'down'));
  job = { workspace: base } as Job;
});
afterEach(() => rm(base, { recursive: true, force: true }));

const inputs = (more: Partial<Parameters<typeof withContextArtifact>[0]>) => ({
  'build-contexts': [['base', 'docker-image://debian:12']] as const,
  'context-artifact': 'down',
  'context-artifact-digest': hex(ZIP),
  ...more,
});
const taken = (more: Parameters<typeof inputs>[0] = {}) => withContextArtifact(inputs(more), join(base, 'to'), job);
const downloaded = (name: string, bytes: Uint8Array) => writeFile(join(base, 'down', name), bytes);

test('an archive with the digest of its upload is a build context, next to the others', async () => {
  await downloaded('app.zip', ZIP);
  const folder = join(base, 'to');
  expect(await taken()).toEqual({
    buildContexts: [
      ['base', 'docker-image://debian:12'],
      ['artifact', folder],
    ],
    artifact: { name: 'artifact', digest: `sha256:${hex(ZIP)}` },
  });
  expect(await readdir(folder)).toEqual(['app.jar']);
});

test('a file that was uploaded as it is stays as it is, also if it is a jar', async () => {
  await downloaded('app.jar', ZIP);
  await taken({ 'context-artifact-digest': `sha256:${hex(ZIP)}` });
  expect(await readdir(join(base, 'to'))).toEqual(['app.jar']);
});

test('without an artifact there is none, and the source rules know the name of one that is given', async () => {
  const none = { 'context-artifact': '', 'context-artifact-digest': '' };
  expect(await taken(none)).toEqual({ buildContexts: inputs({})['build-contexts'] });
  expect(contextNames(inputs(none)).map(([name]) => name)).toEqual(['base']);
  expect(contextNames(inputs({})).map(([name]) => name)).toEqual(['base', 'artifact']);
});

describe('nothing is built from', () => {
  test('another archive than the one that was uploaded', async () => {
    await downloaded('app.zip', Buffer.concat([ZIP, Buffer.from('x')]));
    await expect(taken()).rejects.toMatchObject({ id: 'handed-file-changed' });
    expect(await readdir(base)).toEqual(['down']);
  });

  test.each([
    ['an artifact without a digest', { 'context-artifact-digest': '' }, 'input-format-wrong'],
    ['a digest without an artifact', { 'context-artifact': '' }, 'input-conflict'],
    ['a second context of that name', { 'build-contexts': [['artifact', '.']] as const }, 'input-conflict'],
    ['a file that is missing', { 'context-artifact': 'none' }, 'input-path-unusable'],
  ])('%s', async (_, more, id) => {
    await downloaded('app.zip', ZIP);
    await expect(taken(more)).rejects.toMatchObject({ id });
  });

  test('a folder with more than the artifact', async () => {
    await downloaded('app.zip', ZIP);
    await downloaded('other.zip', ZIP);
    await expect(taken()).rejects.toMatchObject({ next: expect.stringMatching(/contains 2 files/) });
  });
});
