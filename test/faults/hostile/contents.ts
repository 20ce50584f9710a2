import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, copy, ImageLayout, Registry, readImage } from '@tidegate/oci';
import { serveLoopback } from '@tidegate/testkit';
import type { HostileCase } from './case.ts';
import { badConfigs, badIndexes, badIndexFiles, badManifests, type HostileDocument } from './documents.ts';
import { CONFIG, consume, described, type Fields, LAYER, type Parts, writeBlob, writeImage } from './image.ts';

type Place = 'manifest' | 'index' | 'config';

const LAYER_BLOB = described(LAYER, 'a layer of some bytes');
const CONFIG_BLOB = described(MediaType.config, CONFIG);
const MANIFEST = {
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config: CONFIG_BLOB.descriptor,
  layers: [LAYER_BLOB.descriptor],
};
const MANIFEST_BLOB = described(MediaType.manifest, MANIFEST);
const entry = (descriptor: Descriptor) => ({ ...descriptor, platform: { os: 'linux', architecture: 'amd64' } });
const INDEX = { schemaVersion: 2, mediaType: MediaType.index, manifests: [entry(MANIFEST_BLOB.descriptor)] };

const DOCUMENTS: readonly { readonly place: Place; readonly document: HostileDocument }[] = [
  ...badManifests(MANIFEST).map((document) => ({ place: 'manifest' as const, document })),
  ...badIndexes(INDEX).map((document) => ({ place: 'index' as const, document })),
  ...badConfigs(CONFIG).map((document) => ({ place: 'config' as const, document })),
];

interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The blobs of an image with that document in its place, each described as it is, and its root. */
function imageWith(
  place: Place,
  text: string | Uint8Array,
): { readonly root: Descriptor; readonly blobs: readonly Blob[] } {
  const config = place === 'config' ? described(MediaType.config, text) : CONFIG_BLOB;
  const manifest =
    place === 'manifest'
      ? described(MediaType.manifest, text)
      : described(MediaType.manifest, { ...MANIFEST, config: config.descriptor });
  const index =
    place === 'index'
      ? described(MediaType.index, text)
      : described(MediaType.index, { ...INDEX, manifests: [entry(manifest.descriptor)] });
  return { root: index.descriptor, blobs: [LAYER_BLOB, CONFIG_BLOB, MANIFEST_BLOB, config, manifest, index] };
}

const inLayouts: readonly HostileCase[] = DOCUMENTS.map(({ place, document }) => ({
  name: `a layout whose ${place} ${document.name}`,
  run: async (folder) => {
    const { folder: layout, paths }: Parts = await writeImage(join(folder, 'layout'));
    const { root, blobs } = imageWith(place, document.text());
    for (const { descriptor, bytes } of blobs) await writeBlob(layout, descriptor.mediaType, bytes);
    await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [root] }));
    await consume(layout);
  },
}));

/** A registry that holds just these blobs, and gives each with the type and length that it has. */
const inRegistries: readonly HostileCase[] = DOCUMENTS.map(({ place, document }) => ({
  name: `a registry whose ${place} ${document.name}`,
  run: async (folder) => {
    const { root, blobs } = imageWith(place, document.text());
    const byDigest = new Map(blobs.map((blob) => [blob.descriptor.digest as string, blob]));
    await using server = await serveLoopback(async (request, response, { pathname }) => {
      const blob = byDigest.get(pathname.slice(pathname.lastIndexOf('/') + 1));
      request.resume();
      if (!blob) response.writeHead(404).end();
      else {
        response.writeHead(200, { 'content-type': blob.descriptor.mediaType, 'content-length': blob.bytes.length });
        response.end(request.method === 'HEAD' ? undefined : blob.bytes);
      }
    });
    const registry = new Registry({ registry: new URL(server.url).host, repository: 'acme/app' });
    try {
      await readImage(registry, root);
      await copy(registry, await ImageLayout.create(join(folder, 'copied')), [root]);
    } finally {
      registry.close();
    }
  },
}));

const GOOD_INDEX_FILE = (index: Descriptor): Fields => ({
  schemaVersion: 2,
  mediaType: MediaType.index,
  manifests: [index],
});

const indexFiles: readonly HostileCase[] = badIndexFiles(
  GOOD_INDEX_FILE(described(MediaType.index, INDEX).descriptor),
).map(({ name, text }) => ({
  name: `a layout whose index.json ${name}`,
  run: async (folder) => {
    const { folder: layout, paths } = await writeImage(join(folder, 'layout'));
    await writeFile(paths['index.json'], text());
    await consume(layout);
  },
}));

/** Graphs: each file is right, all of them together are not. */
const graphs: readonly HostileCase[] = [
  {
    name: 'a layout of indexes nested sixty-four deep',
    run: async (folder) => {
      const { folder: layout, manifest, paths } = await writeImage(join(folder, 'layout'));
      let level = manifest;
      for (let depth = 0; depth < 64; depth += 1) level = await writeIndex(layout, [level]);
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [level] }));
      await consume(layout);
    },
  },
  {
    name: 'a copy of indexes nested sixty-four deep',
    run: async (folder) => {
      const { folder: layout, manifest, paths } = await writeImage(join(folder, 'layout'));
      let level = manifest;
      for (let depth = 0; depth < 64; depth += 1) level = await writeIndex(layout, [level]);
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [level] }));
      await copy(await ImageLayout.open(layout), await ImageLayout.create(join(folder, 'copied')), [level]);
    },
  },
  {
    name: 'a layout of four indexes that name each other a thousand times each, asked for a digest',
    says: /no "sha256:/,
    run: async (folder) => {
      const { folder: layout, manifest, paths } = await writeImage(join(folder, 'layout'));
      let level = manifest;
      for (let depth = 0; depth < 4; depth += 1)
        level = await writeIndex(
          layout,
          Array.from({ length: 1000 }, () => level),
        );
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [level] }));
      await (await ImageLayout.open(layout)).resolve(digestOf('nothing'));
    },
  },
  {
    name: 'a layout of referrers that refer to each other sixty-four deep, copied',
    run: async (folder) => {
      const { folder: layout, index, paths } = await writeImage(join(folder, 'layout'));
      const entries = [index];
      for (let depth = 0; depth < 64; depth += 1) {
        const config = await writeBlob(layout, MediaType.empty, '{}');
        const subject = entries.at(-1);
        entries.push(
          await writeBlob(layout, MediaType.manifest, {
            schemaVersion: 2,
            mediaType: MediaType.manifest,
            artifactType: 'application/x',
            config,
            layers: [config],
            subject,
          }),
        );
      }
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: entries }));
      await consume(layout);
    },
  },
  {
    name: 'a layout of thirty manifests of 4 MB each',
    run: async (folder) => {
      const { folder: layout, config, layer, paths } = await writeImage(join(folder, 'layout'));
      const entries: Descriptor[] = [];
      for (let at = 0; at < 30; at += 1) {
        const annotations = { [`n${at}`]: 'x'.repeat(4_000_000) };
        entries.push(
          await writeBlob(layout, MediaType.manifest, {
            schemaVersion: 2,
            mediaType: MediaType.manifest,
            config,
            layers: [layer],
            annotations,
          }),
        );
      }
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: entries }));
      await consume(layout);
    },
  },
  {
    name: 'a layout whose manifest is its own layer’s bytes',
    run: async (folder) => {
      const { folder: layout, manifest, paths } = await writeImage(join(folder, 'layout'));
      const text = await readFile(paths.manifest);
      const index = await writeIndex(layout, [{ ...manifest, mediaType: LAYER }]);
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [index], x: text.length }));
      await consume(layout);
    },
  },
  {
    name: 'a layout with two images',
    run: async (folder) => {
      const { folder: layout, manifest, index, paths } = await writeImage(join(folder, 'layout'));
      await writeFile(paths['index.json'], JSON.stringify({ schemaVersion: 2, manifests: [index, manifest] }));
      await consume(layout);
    },
  },
  {
    name: 'a layout that gives one tag to two images',
    run: async (folder) => {
      const { folder: layout, manifest, index, paths } = await writeImage(join(folder, 'layout'));
      const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
      await writeFile(
        paths['index.json'],
        JSON.stringify({ schemaVersion: 2, manifests: [manifest, index].map((one) => ({ ...one, annotations })) }),
      );
      await (await ImageLayout.open(layout)).resolve('v1');
    },
  },
  {
    name: 'a layout that somebody else is at work on, on another machine, and never ends',
    says: /another writer has locked the layout/,
    run: async (folder) => {
      const { folder: layout, index } = await writeImage(join(folder, 'layout'));
      await writeFile(join(layout, `.tidegate-lock.${'0'.repeat(12)}.1.1.${'0'.repeat(18)}`), '');
      await (await ImageLayout.open(layout)).add(index);
    },
  },
  {
    name: 'a push of a blob into a layout that has a folder in its place',
    run: async (folder) => {
      const { folder: layout, paths, layer } = await writeImage(join(folder, 'layout'));
      await rm(paths.layer);
      await mkdir(paths.layer);
      await (await ImageLayout.open(layout)).push(layer, contentOfBytes(LAYER_BLOB.bytes));
    },
  },
];

function writeIndex(layout: string, manifests: readonly Descriptor[]): Promise<Descriptor> {
  return writeBlob(layout, MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests });
}

export { graphs as GRAPHS, indexFiles as INDEX_FILES, inLayouts as IN_LAYOUTS, inRegistries as IN_REGISTRIES };
