import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BaseImage, type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { openTarget, type Target } from '../target.ts';
import { labelsOfBase, mentionsBase, recordBase } from './base.ts';

const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';
const DEBIAN: BaseImage = { name: 'docker.io/library/debian:12', digest: digestOf('debian') };
const ALPINE: BaseImage = { name: 'docker.io/library/alpine:3.22', digest: digestOf('alpine') };
const SAID = { [NAME]: DEBIAN.name, [DIGEST]: DEBIAN.digest };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'base-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Made {
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly several?: boolean;
  readonly indexAnnotations?: Readonly<Record<string, string>>;
}

/** A layout as BuildKit writes it, with one or two platforms. */
async function made({ labels, annotations, several, indexAnnotations }: Made = {}): Promise<Target> {
  const layout = await ImageLayout.create(await mkdtemp(join(folder, 'layout-')));
  const push = async (mediaType: string, value: unknown): Promise<Descriptor> => {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value, undefined, 2));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const layer = await push('application/vnd.oci.image.layer.v1.tar+gzip', 'layer');
  const manifests: Descriptor[] = [];
  for (const architecture of several ? ['amd64', 'arm64'] : ['amd64']) {
    const config = await push('application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config: { Env: ['PATH=/bin'], StopTimeout: 30, ...(labels === undefined ? {} : { Labels: labels }) },
      rootfs: { type: 'layers', diff_ids: [digestOf('diff')] },
    });
    const manifest = await push(MediaType.manifest, {
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      config,
      layers: [layer],
      ...(annotations ? { annotations } : {}),
    });
    manifests.push({ ...manifest, platform: { os: 'linux', architecture } });
  }
  const [first] = manifests;
  if (several) {
    const index = { schemaVersion: 2, mediaType: MediaType.index, manifests };
    await layout.add(
      await push(MediaType.index, { ...index, ...(indexAnnotations ? { annotations: indexAnnotations } : {}) }),
    );
  } else if (first) await layout.add(first);
  return openTarget(layout.folder);
}

async function recorded(target: Target, bases: readonly (BaseImage | undefined)[], labelled = false) {
  const { layout, image } = target;
  const known = image.platforms.flatMap(({ descriptor }, at) => {
    const base = bases[at];
    return base ? [[descriptor.digest, base] as const] : [];
  });
  await recordBase(layout, image, { bases: new Map(known), labelled });
  const after = await openTarget(layout.folder);
  const json = async (descriptor: Descriptor) => JSON.parse((await layout.fetchBytes(descriptor)).toString());
  const platforms = await Promise.all(
    after.image.platforms.map(async ({ descriptor }) => {
      const manifest = await json(descriptor);
      return { manifest, config: await json(manifest.config) };
    }),
  );
  return {
    target: after,
    platforms,
    root: await json(after.image.root),
    blobs: await readdir(join(layout.folder, 'blobs/sha256')),
  };
}

describe('the base of an image', () => {
  test('is in its labels and annotations, and everything else stays', async () => {
    const before = await made({ labels: { a: 'b' }, annotations: { x: 'y' } });
    const { platforms, blobs } = await recorded(before, [DEBIAN]);
    expect(platforms[0]?.config).toEqual({
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], StopTimeout: 30, Labels: { a: 'b', ...SAID } },
      rootfs: { type: 'layers', diff_ids: [digestOf('diff')] },
    });
    expect(platforms[0]?.manifest.annotations).toEqual({ x: 'y', ...SAID });
    // The layer, the configuration and the manifest: BuildKit's originals are removed.
    expect(blobs).toHaveLength(3);
    expect(blobs).not.toContain(before.image.root.digest.slice('sha256:'.length));
  });

  test('is on the index where all platforms have the same', async () => {
    const { target, root, platforms, blobs } = await recorded(
      await made({ several: true, indexAnnotations: { i: 'j' } }),
      [DEBIAN, DEBIAN],
    );
    expect(root.annotations).toEqual({ i: 'j', ...SAID });
    expect(root.manifests.map(({ platform }: Descriptor) => platform?.architecture)).toEqual(['amd64', 'arm64']);
    expect(target.image.platforms).toHaveLength(2);
    for (const { manifest } of platforms) expect(manifest.annotations).toEqual(SAID);
    expect(blobs).toHaveLength(6);
  });

  test('is not on the index where they differ, or one has none', async () => {
    expect((await recorded(await made({ several: true }), [DEBIAN, ALPINE])).root.annotations).toBeUndefined();
    expect((await recorded(await made({ several: true }), [DEBIAN, undefined])).root.annotations).toBeUndefined();
  });

  test('that is not known leaves no labels of the base of the base', async () => {
    const inherited = { [NAME]: ALPINE.name, [DIGEST]: ALPINE.digest ?? '', a: 'b' };
    expect((await recorded(await made({ labels: inherited }), [undefined])).platforms[0]?.config.config.Labels).toEqual(
      { a: 'b' },
    );
    expect((await recorded(await made({ labels: inherited }), [DEBIAN])).platforms[0]?.config.config.Labels).toEqual({
      a: 'b',
      ...SAID,
    });
    const only = { [NAME]: ALPINE.name };
    expect((await recorded(await made({ labels: only }), [undefined])).platforms[0]?.config.config).not.toHaveProperty(
      'Labels',
    );
  });

  test('gives way to labels and annotations of the user', async () => {
    const own = { [NAME]: 'ghcr.io/acme/base:1' };
    const { platforms } = await recorded(await made({ labels: own, annotations: own }), [DEBIAN], true);
    expect(platforms[0]?.config.config.Labels).toEqual(own);
    expect(platforms[0]?.manifest.annotations).toEqual(own);
  });

  test('is the same bytes for the same image', async () => {
    const digests = [];
    for (let at = 0; at < 2; at += 1)
      digests.push((await recorded(await made({ labels: null }), [DEBIAN])).target.image.root.digest);
    expect(digests[0]).toBe(digests[1]);
  });

  test('is not said at all where a label of the user is empty', async () => {
    expect(labelsOfBase({ labels: [[NAME, '']] })).toBe('silent');
    expect(labelsOfBase({ labels: [['a', '']] })).toBe('none');
    expect(labelsOfBase({ labels: [[NAME, 'x']] })).toBe('own');
    const { platforms } = await recorded(await made({ labels: { [NAME]: '', a: 'b' } }), [undefined]);
    expect(platforms[0]?.config.config.Labels).toEqual({ a: 'b' });
  });

  test('is no reason to forget what index.json says of the image', async () => {
    const before = await made();
    const path = join(before.layout.folder, 'index.json');
    const index = JSON.parse(await readFile(path, 'utf8'));
    index.manifests[0].annotations = { 'org.opencontainers.image.ref.name': 'built' };
    await writeFile(path, JSON.stringify(index));
    const { target } = await recorded(await openTarget(before.layout.folder), [DEBIAN]);
    expect((await target.layout.resolve('built')).digest).toBe(target.image.root.digest);
  });
});

test('a LABEL of the base is a text that mentions it', () => {
  expect(mentionsBase(`FROM scratch\nLABEL ${NAME}=x`)).toBe(true);
  expect(mentionsBase('FROM scratch\nLABEL org.opencontainers.image.title=x')).toBe(false);
});
