import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Descriptor, hexOf, type Image } from '@tidegate/core';
import { addImage, addReferrer, put, scratchFolder } from '../fixture.ts';
import { readImage } from '../image/image.ts';
import { ImageLayout } from '../layout/layout.ts';
import { joinLayouts } from './join.ts';
import { addLayers, writeWithoutLayers } from './without-layers.ts';

const base = scratchFolder('without-layers');
afterAll(() => rmSync(base, { recursive: true, force: true }));

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
const ALL_LAYERS = PLATFORMS.map((platform) => `layer ${platform}`);
let count = 0;
let builds: readonly ImageLayout[];
let joined: ImageLayout;
let image: Image;
let folder: string;
beforeEach(async () => {
  count += 1;
  const made: ImageLayout[] = [];
  for (const [at, platform] of PLATFORMS.entries()) {
    const layout = await ImageLayout.create(join(base, `build-${count}-${at}`));
    await addReferrer(layout, await addImage(layout, platform), 'application/vnd.in-toto+json');
    made.push(layout);
  }
  builds = made;
  joined = await ImageLayout.create(join(base, `joined-${count}`));
  const root = await joinLayouts(builds, joined);
  await addReferrer(joined, root, 'application/vnd.in-toto+json', { verdict: 'pass' });
  image = await readImage(joined, root);
  folder = join(base, `evidence-${count}`);
  await writeWithoutLayers(joined, image, folder);
});

/** As the job that publishes finds it. */
const handedOver = () => ImageLayout.open(folder);
const namesOf = ({ folder: home }: Pick<ImageLayout, 'folder'>) => readdirSync(join(home, 'blobs/sha256')).toSorted();
const contentsOf = (layout: ImageLayout) =>
  namesOf(layout).map((name) => readFileSync(join(layout.folder, 'blobs/sha256', name), 'utf8'));
const layer = (content = ALL_LAYERS[0] ?? ''): Promise<Descriptor> => put(builds[0] ?? joined, LAYER, content);
const add = async (from = builds) => addLayers(await handedOver(), image, from);

test('a layout without layers has all other content, and the digest of the whole one', async () => {
  const layout = await handedOver();
  expect(contentsOf(joined)).toEqual(expect.arrayContaining(ALL_LAYERS));
  expect(contentsOf(layout).toSorted()).toEqual(
    contentsOf(joined)
      .filter((content) => !ALL_LAYERS.includes(content))
      .toSorted(),
  );
  expect(await layout.digest()).toBe(await joined.digest());
});

test('with the layers of the builds it is the whole layout again, and no layer is written a second time', async () => {
  const bytes = ALL_LAYERS.reduce((sum, text) => sum + text.length, 0);
  expect(await add()).toEqual({ layers: 2, bytes });
  const layout = await handedOver();
  expect(namesOf(layout)).toEqual(namesOf(joined));
  expect(await layout.digest()).toBe(await joined.digest());
  const { digest } = await layer();
  expect(statSync(layout.blobPath({ digest })).ino).toBe(statSync(builds[0]?.blobPath({ digest }) ?? '').ino);
});

test('evidence that nothing in index.json names any more is not handed over', async () => {
  const [old] = (await joined.index()).filter(({ digest }) => digest !== image.root.digest);
  if (old) await joined.unlist(old);
  const next = join(base, `again-${count}`);
  await writeWithoutLayers(joined, image, next);
  expect([
    existsSync(joined.blobPath(old ?? image.root)),
    namesOf({ folder: next }).includes(hexOf(old?.digest ?? image.root.digest)),
  ]).toEqual([true, false]);
});

test('a blob that is a layer and also evidence is handed over once, with the evidence', async () => {
  const { platforms } = image;
  const subject = platforms[0]?.descriptor ?? image.root;
  const config = await put(joined, 'application/vnd.oci.empty.v1+json', '{}');
  const shared = await put(joined, LAYER, ALL_LAYERS[0] ?? '');
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config };
  await put(joined, manifest.mediaType, { ...manifest, artifactType: 'a/b', layers: [shared], subject });
  rmSync(folder, { recursive: true });
  await writeWithoutLayers(joined, image, folder);
  expect(contentsOf(await handedOver())).toContain(ALL_LAYERS[0]);
  expect(await add()).toMatchObject({ layers: 1 });
});

describe('nothing is put together from', () => {
  const write = (name: string, content: string) => writeFileSync(join(folder, 'blobs/sha256', name), content);

  test('evidence with a layer among it', async () => {
    write(hexOf((await layer()).digest), ALL_LAYERS[0] ?? '');
    await expect(add()).rejects.toMatchObject({ id: 'evidence-invalid', message: expect.stringContaining('a layer') });
  });

  test('evidence with a manifest that index.json does not name', async () => {
    const other = await addImage(builds[0] ?? joined, 'linux/s390x');
    write(hexOf(other.digest), readFileSync(builds[0]?.blobPath(other) ?? '', 'utf8'));
    await expect(add()).rejects.toMatchObject({ id: 'evidence-invalid' });
  });

  test('evidence of which a part is missing', async () => {
    const [one] = (await joined.index()).filter(({ artifactType }) => artifactType !== undefined);
    const manifest = await joined.manifest(one ?? image.root);
    const [statement] = manifest.kind === 'manifest' ? manifest.layers : [];
    rmSync(joined.blobPath(statement ?? image.root).replace(joined.folder, folder));
    await expect(add()).rejects.toMatchObject({
      id: 'layout-content-missing',
      message: `${folder} does not contain ${statement?.digest}.`,
    });
  });

  test('builds that do not have a layer', async () => {
    const { digest } = await layer(ALL_LAYERS[1]);
    rmSync(builds[0]?.blobPath({ digest }) ?? '');
    await expect(add(builds.slice(0, 1))).rejects.toMatchObject({
      id: 'layout-content-missing',
      message: `${builds[0]?.folder} does not contain ${digest}.`,
    });
    await expect(add([])).rejects.toMatchObject({ id: 'layout-content-missing' });
  });

  test.each<[string, (path: string) => void, RegExp]>([
    ['has other bytes', (path) => writeFileSync(path, 'LAYER linux/amd64'), /expected sha256:|hash to/],
    ['is a link to a file of this machine', (path) => symlinkSync('/etc/hostname', path), /symbolic link/],
  ])('a build whose layer %s', async (_, change, why) => {
    const { digest } = await layer();
    const path = builds[0]?.blobPath({ digest }) ?? '';
    rmSync(path);
    change(path);
    await expect(add()).rejects.toThrow(why);
    expect(existsSync((await handedOver()).blobPath({ digest }))).toBe(false);
  });
});
