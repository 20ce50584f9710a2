import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Digest, digestOf, hexOf, MediaType, type Reference } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { BaseTags } from './moved-base.ts';

const OLD = digestOf('the image at the time of the build');
let server: RegistryServer;
let live: Digest;
beforeAll(async () => {
  server = await startRegistry();
  const registry = new Registry({ registry: server.host, repository: 'base' });
  const config = await put(registry, MediaType.config, { os: 'linux', architecture: 'amd64' });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  const root = await put(registry, MediaType.manifest, manifest);
  await registry.moveTag(root, '12');
  live = root.digest;
});
afterAll(() => server.close());

async function put(registry: Registry, mediaType: string, content: object) {
  const bytes = Buffer.from(JSON.stringify(content));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

/** As BuildKit writes them. */
const material = (version: string, digest: Digest) => ({
  ...{ uri: `pkg:docker/${server.host.replace(':', '%3A')}/base${version}`, sha256: hexOf(digest) },
});

async function moved(...materials: ReturnType<typeof material>[]) {
  const said: string[] = [];
  const open = ({ registry, repository }: Reference) => new Registry({ registry, repository });
  const tags = new BaseTags(open, { signal: new AbortController().signal });
  const found = await tags.allMoved(materials, { info: (text) => said.push(text) });
  return { found, said };
}

test('a base image whose tag has another digest now has moved', async () => {
  const image = `${server.host}/base:12`;
  const { found } = await moved(material('@12?platform=linux%2Famd64', OLD));
  expect(found).toEqual([{ image, digest: live, isPinned: false }]);
});

test('so has one with a digest in the Dockerfile, if it also names the tag', async () => {
  const { found } = await moved(material(`@12?digest=${OLD}&platform=linux%2Famd64`, OLD));
  expect(found).toEqual([{ image: `${server.host}/base:12`, digest: live, isPinned: true }]);
});

test('one that every platform read is reported once', async () => {
  const { found } = await moved(
    material('@12?platform=linux%2Famd64', OLD),
    material('@12?platform=linux%2Farm64', OLD),
  );
  expect(found).toHaveLength(1);
});

test.each<[string, () => ReturnType<typeof material>[]]>([
  ['with the same digest', () => [material('@12', live)]],
  ['of which one build had the same digest', () => [material('@12', OLD), material('@12', live)]],
  ['with a digest alone', () => [material(`@${OLD}`, OLD)]],
  ['with a digest and no tag', () => [material(`?digest=${OLD}`, OLD)]],
  ['that is no image', () => [{ uri: 'https://example.com/a.tgz', sha256: hexOf(OLD) }]],
])('an image %s has not moved', async (_, materials) => expect((await moved(...materials())).found).toEqual([]));

test('a tag that cannot be read is said, and is no move', async () => {
  const { found, said } = await moved(material('@13', OLD));
  expect(found).toEqual([]);
  expect(said).toEqual([expect.stringMatching(/Whether a newer base image exists is not known: .*base:13/)]);
});
