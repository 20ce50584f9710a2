import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import { secondBuild, thisRunner } from './second-build.ts';

let workspace = '';
let digest = '';
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'second-build-'));
  const layout = await ImageLayout.create(join(workspace, 'first'));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  const root = await put(MediaType.manifest, manifest);
  await layout.add(root);
  digest = root.digest;
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

const on = (environment: string, name: string, id: string) =>
  ({
    get workspace() {
      return workspace;
    },
    env: { RUNNER_ENVIRONMENT: environment, RUNNER_NAME: name, GITHUB_JOB: id },
    log: { info: () => {} },
  }) as unknown as Job;
const HERE = on('github-hosted', 'GitHub Actions 2', 'rebuild');
const of = (more: object, job = HERE) =>
  secondBuild({ reproducible: 'check', 'first-layout': 'first', 'first-digest': digest, ...more }, job);

test('without the layout of another job, both builds run here', async () => {
  expect(await secondBuild({ reproducible: 'check' }, HERE)).toEqual({ runners: [{ environment: 'github-hosted' }] });
  expect(await secondBuild({ reproducible: 'off' }, HERE)).toBeUndefined();
});

describe('two runners', () => {
  test.each([
    ['with different names are two', on('self-hosted', 'a', 'build'), on('self-hosted', 'b', 'rebuild'), 2],
    ['with one name are one', on('self-hosted', 'a', 'build'), on('self-hosted', 'a', 'rebuild'), 1],
    ['of GitHub with one name are two', on('github-hosted', 'a', 'build'), on('github-hosted', 'a', 'rebuild'), 2],
    ['of GitHub are one in one job', on('github-hosted', 'a', 'build'), on('github-hosted', 'a', 'build'), 1],
  ])('%s', async (_, first, second, count) => {
    const made = await of({ 'first-runner': thisRunner(first) }, second);
    expect(made?.runners).toHaveLength(count);
    expect(made?.first?.image.root.digest).toBe(digest);
  });

  test('are one if the first is not known', async () => {
    expect((await of({}))?.runners).toEqual([{ environment: 'github-hosted' }]);
    expect((await of({ 'first-runner': '{}' }))?.runners).toHaveLength(1);
  });
});

test.each([
  ['another image', { 'first-digest': digestOf('another') }, /contains sha256:\w+, expected sha256:/],
  ['no digest', { 'first-digest': '' }, /^Input first-digest: got ""/],
  ['a digest of another form', { 'first-digest': 'latest' }, /^Input first-digest: got "latest"/],
  ['a digest without a layout', { 'first-layout': '' }, /^Input first-digest: .* first-layout is not set/],
  ['a kept state of BuildKit', { 'buildkit-state': 'state' }, /^Input buildkit-state: got "state", expected no value/],
  ['a runner that is not JSON', { 'first-runner': 'a' }, /^Input first-runner: got "a"/],
  ['no check', { reproducible: 'off' as const }, /^Input first-layout: .* reproducible is off/],
])('%s is refused', async (_, more, why) => {
  await expect(of(more)).rejects.toThrow(why);
});
