import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRedactor, digestOf, type Log, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { openTarget } from '../target.ts';
import { lookInto } from './contents.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-contents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quiet = { debug() {}, info() {}, notice() {}, warning() {}, mask() {}, redact: (text: string) => text };
const log: Log = { ...quiet, group: (_title, work) => work(log) };

test('a layer that may not be distributed is scanned where it is there, and never passes for clean where it is not', async () => {
  const tar = Buffer.alloc(1024);
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
    digest: digestOf(tar),
    size: tar.length,
    urls: ['https://vendor.invalid/layer'],
  };
  const layout = await ImageLayout.create(join(folder, 'layout'));
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = await put(MediaType.config, { os: 'windows', architecture: 'amd64', rootfs });
  const parts = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
  await layout.add(await put(MediaType.manifest, parts));
  const target = await openTarget(layout.folder);
  const services = { signal: new AbortController().signal, log };
  await expect(lookInto(target, undefined, services)).rejects.toMatchObject({
    kind: 'layout',
    message: expect.stringContaining('was not scanned'),
  });
  await layout.push(layer, contentOfBytes(tar));
  expect((await lookInto(target, undefined, services))[0]?.contents.layers).toHaveLength(1);
});

test('a masked secret in an instruction is replaced before the instruction is cut', async () => {
  const token = 'nineteen-plain-words-nobody-takes-for-a-token';
  const redactor = createRedactor();
  redactor.add(token);
  const tar = Buffer.alloc(1024);
  const layout = await ImageLayout.create(join(folder, 'masked'));
  const put = async (mediaType: string, content: Buffer) => {
    const descriptor = { mediaType, digest: digestOf(content), size: content.length };
    await layout.push(descriptor, contentOfBytes(content));
    return descriptor;
  };
  const json = (mediaType: string, value: object) => put(mediaType, Buffer.from(JSON.stringify(value)));
  const layer = await put('application/vnd.oci.image.layer.v1.tar', tar);
  const config = await json(MediaType.config, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: `RUN fetch ${'y '.repeat(190)}${token}` }],
  });
  const parts = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
  await layout.add(await json(MediaType.manifest, parts));
  const masking = { ...log, redact: (text: string) => redactor.redact(text) };
  const services = { signal: new AbortController().signal, log: masking };
  const [one] = await lookInto(await openTarget(layout.folder), undefined, services);
  expect(one?.contents.layers[0]?.createdBy).toMatch(/^RUN fetch .* \*\*\*$/);
});
