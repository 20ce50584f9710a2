/** An image that claims to be SBOM and provenance for Docker would be neither scanned nor judged. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType, PredicateType } from '@tidegate/core';
import { emptyLayout, removeAll } from '../copy/copy.fixture.ts';
import { addImage, put } from '../fixture.ts';
import type { ImageLayout } from '../layout/layout.ts';
import { type AttestedStatement, makeAttestations } from './attestation-manifest.ts';
import { readImage } from './image.ts';

afterAll(removeAll);

const STATEMENTS: readonly AttestedStatement[] = [PredicateType.spdx, PredicateType.provenance].map(
  (predicateType) => ({
    ...{ predicateType, digest: digestOf(predicateType), size: predicateType.length },
  }),
);

type Entry = Descriptor & { readonly annotations: Readonly<Record<string, string>> };

/** The blobs are in the layout; @returns the entry */
async function attested(
  layout: ImageLayout,
  about: Descriptor,
  statements: readonly AttestedStatement[] = STATEMENTS,
): Promise<Entry> {
  const made = makeAttestations(about.digest, statements);
  await put(layout, MediaType.config, made.config.toString());
  await put(layout, MediaType.manifest, made.manifest.toString());
  return made.entry as Entry;
}

async function rootOf(layout: ImageLayout, manifests: readonly object[]): Promise<Descriptor> {
  return put(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests });
}

test('SBOM and provenance of each platform are read as such, where they are accepted', async () => {
  const layout = await emptyLayout();
  const images = [await addImage(layout, 'linux/amd64'), await addImage(layout, 'linux/arm64')];
  const entries = await Promise.all(images.map((image) => attested(layout, image)));
  const root = await rootOf(layout, [...images, ...entries]);
  const image = await readImage(layout, root, { attestations: true });
  expect(image.platforms.map(({ descriptor }) => descriptor.digest)).toEqual(images.map(({ digest }) => digest));
  expect(image.attestations?.map(({ about, statements }) => [about, statements])).toEqual(
    images.map(({ digest }) => [digest, STATEMENTS]),
  );
  await expect(readImage(layout, root)).rejects.toThrow(/its platform is unknown\/unknown/);
});

describe('is refused:', () => {
  const manifestOf = (config: Descriptor, layers: readonly object[]) => ({
    ...{ schemaVersion: 2, mediaType: MediaType.manifest, config, layers },
  });
  const LAYERS = STATEMENTS.map(({ digest, size, predicateType }) => ({
    ...{ mediaType: MediaType.inToto, digest, size, annotations: { 'in-toto.io/predicate-type': predicateType } },
  }));
  const UNKNOWN = { architecture: 'unknown', os: 'unknown' };

  test.each<[string, (layout: ImageLayout, image: Descriptor) => Promise<readonly object[]>, RegExp]>([
    [
      'an image under this name',
      async (layout, image) => [
        { ...(await attested(layout, image)), ...(await addImage(layout, 'linux/arm64')), platform: UNKNOWN },
      ],
      /something else than one SBOM/,
    ],
    [
      'layers of an image beside the statements',
      async (layout, image) => {
        const entry = await attested(layout, image);
        const config = await put(
          layout,
          MediaType.config,
          makeAttestations(image.digest, STATEMENTS).config.toString(),
        );
        const layer = await put(layout, 'application/vnd.oci.image.layer.v1.tar', 'layer');
        return [{ ...entry, ...(await put(layout, MediaType.manifest, manifestOf(config, [...LAYERS, layer]))) }];
      },
      /something else than one SBOM/,
    ],
    [
      'a layer of an image with the annotation of a statement',
      async (layout, image) => {
        const entry = await attested(layout, image);
        const config = await put(
          layout,
          MediaType.config,
          makeAttestations(image.digest, STATEMENTS).config.toString(),
        );
        const layers = LAYERS.map((one) => ({ ...one, mediaType: 'application/vnd.oci.image.layer.v1.tar' }));
        return [{ ...entry, ...(await put(layout, MediaType.manifest, manifestOf(config, layers))) }];
      },
      /not an attestation manifest as Tidegate writes it/,
    ],
    [
      'a config that something can run',
      async (layout, image) => {
        const entry = await attested(layout, image);
        const config = await put(layout, MediaType.config, {
          os: 'linux',
          architecture: 'amd64',
          config: { Cmd: ['/x'] },
        });
        return [{ ...entry, ...(await put(layout, MediaType.manifest, manifestOf(config, LAYERS))) }];
      },
      /not an attestation manifest as Tidegate writes it/,
    ],
    [
      'of a platform that is not there',
      async (layout) => [await attested(layout, await addImage(layout, 'linux/s390x'))],
      /about none of its platforms/,
    ],
    [
      'twice for one platform',
      async (layout, image) => [await attested(layout, image), await attested(layout, image, STATEMENTS.slice(0, 1))],
      /about none of its platforms/,
    ],
    [
      'without a statement',
      async (layout, image) => [await attested(layout, image, [])],
      /something else than one SBOM/,
    ],
    [
      'two SBOMs',
      async (layout, image) => [await attested(layout, image, [...STATEMENTS, ...STATEMENTS.slice(0, 1)])],
      /something else than one SBOM/,
    ],
    [
      'a statement of another type',
      async (layout, image) => [
        await attested(layout, image, [{ predicateType: 'https://example.com/v1', digest: digestOf('x'), size: 1 }]),
      ],
      /something else than one SBOM/,
    ],
    [
      'for a platform that a node may have',
      async (layout, image) => [
        { ...(await attested(layout, image)), platform: { os: 'linux', architecture: 'unknown' } },
      ],
      /unknown\/unknown/,
    ],
    [
      'with a variant',
      async (layout, image) => [{ ...(await attested(layout, image)), platform: { ...UNKNOWN, variant: 'v7' } }],
      /unknown\/unknown/,
    ],
    [
      'without its type',
      async (layout, image) => [{ ...(await attested(layout, image)), annotations: {} }],
      /unknown\/unknown/,
    ],
    [
      'an index under this name',
      async (layout, image) => [{ ...(await attested(layout, image)), ...(await rootOf(layout, [image])) }],
      /unknown\/unknown/,
    ],
  ])('%s', async (_, entries, why) => {
    const layout = await emptyLayout();
    const image = await addImage(layout, 'linux/amd64');
    const root = await rootOf(layout, [image, ...(await entries(layout, image))]);
    await expect(readImage(layout, root, { attestations: true })).rejects.toMatchObject({
      kind: 'layout',
      message: expect.stringMatching(why),
    });
  });
});
