import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ContentsPolicy, type Digest, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { lookInto, openTarget, type Target } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { readLayers, rememberLayers } from './layers-read.ts';

const TAR = Buffer.alloc(1024);
const POLICY: ContentsPolicy = { traces: {} };
const signal = new AbortController().signal;

let temp = '';
let said: string[] = [];
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'layers-read-'));
  said = [];
});
afterEach(() => rm(temp, { recursive: true, force: true }));

const job = (masked = '') => {
  const redacted = (value: unknown) =>
    masked === '' ? value : JSON.parse(JSON.stringify(value).replaceAll(masked, '***'));
  return { temp: join(temp, 'job'), signal, redacted } as unknown as Job;
};
const log = { info: (line: string) => said.push(line), redact: (text: string) => text };
const services = { signal, log } as unknown as Parameters<typeof readLayers>[2];
/** Whether the layers were read by this call. */
const reads = async (target: Target, policy = POLICY, of = job()) => {
  said = [];
  const [found] = await readLayers(target, policy, services, of);
  expect(found?.contents.layers).toHaveLength(1);
  return said.length > 0;
};

async function image(name: string): Promise<Target> {
  const layout = await ImageLayout.create(join(temp, name));
  const put = async (mediaType: string, content: Buffer) => {
    const descriptor = { mediaType, digest: digestOf(content), size: content.length };
    await layout.push(descriptor, contentOfBytes(content));
    return descriptor;
  };
  const json = (mediaType: string, value: object) => put(mediaType, Buffer.from(JSON.stringify(value)));
  const layer = await put('application/vnd.oci.image.layer.v1.tar', TAR);
  const config = await json(MediaType.config, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'RUN fetch the-password' }],
  });
  const parts = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
  await layout.add(await json(MediaType.manifest, parts));
  return openTarget(layout.folder);
}

async function haveRead(target: Target): Promise<void> {
  await rememberLayers(target, await lookInto(target, undefined, services), job());
}

test('layers that an earlier step of this job has read are not read again', async () => {
  const target = await image('layout');
  expect(await reads(target)).toBe(true);
  await haveRead(target);
  expect(await reads(target)).toBe(false);
  // As the presets have them.
  const [usual] = await lookInto(target, undefined, services);
  expect(usual?.contents.statePaths).not.toEqual([]);
  expect(await reads(target, { traces: {}, statePaths: usual?.contents.statePaths ?? [] })).toBe(false);
  const [before] = await lookInto(target, POLICY, services);
  expect((await readLayers(target, POLICY, services, job()))[0]?.contents).toEqual(before?.contents);
});

test("the same image in another layout, and in another job, is read: only this job's own note counts", async () => {
  const target = await image('layout');
  await haveRead(target);
  expect(await reads(await image('other'))).toBe(true);
  expect(await reads(target, POLICY, { ...job(), temp: join(temp, 'other-job') })).toBe(true);
});

test('a policy with its own state folders reads the layers', async () => {
  const target = await image('layout');
  await haveRead(target);
  expect(await reads(target, { traces: {}, statePaths: ['/state'] })).toBe(true);
});

test('an image whose instructions contain a secret of this step is read, so that it is masked before it is cut', async () => {
  const target = await image('layout');
  await haveRead(target);
  expect(await reads(target, POLICY, job('the-password'))).toBe(true);
});

test.each([
  ['half a note', '{"tidegate":"image con'],
  [
    'a note of another image',
    JSON.stringify({ tidegate: 'image contents 1', subject: `sha256:${'0'.repeat(64)}` as Digest }),
  ],
])('%s does not count', async (_what, text) => {
  const target = await image('layout');
  await haveRead(target);
  const notes = join(temp, 'job', 'tidegate', '.layers');
  for (const file of await readdir(notes, { recursive: true })) {
    if (file.endsWith('.json')) await writeFile(join(notes, file), text);
  }
  expect(await reads(target)).toBe(true);
});
