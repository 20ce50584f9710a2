/** Whether a published image may stand for a target that is not built again. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { services } from '../services.fixture.ts';
import { liveOrigin } from './live-origin.ts';

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry();
});
afterAll(() => server.close());

async function put(registry: Registry, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

const PLANNED = [
  { tag: 'sha-860c190', kind: 'commit' },
  { tag: 'main', kind: 'branch' },
  { tag: 'edge', kind: 'named' },
] as const;

/** @param tags the revision on which each tag is */
async function published(repository: string, tags: Readonly<Record<string, string>>) {
  const registry = new Registry({ registry: server.host, repository });
  const rootfs = { type: 'layers', diff_ids: [] };
  for (const [tag, revision] of Object.entries(tags)) {
    const config = await put(registry, MediaType.config, { os: 'linux', architecture: 'amd64', rootfs });
    const annotations = { 'org.opencontainers.image.revision': revision };
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [], annotations };
    await registry.moveTag(await put(registry, MediaType.manifest, manifest), tag);
  }
  const origin = await liveOrigin(registry, PLANNED, services);
  return origin.known ? 'known' : origin.why;
}

const MISSING = 'its tags main and edge are not on one image';

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ['nothing', 'none', {}, 'it is not published yet'],
  ['a run that failed after its first tag', 'first', { main: 'one' }, MISSING],
  ['a run that failed before its first tag', 'last', { edge: 'one' }, 'its tags edge and main are not on one image'],
  ['a run that moved only one tag', 'moved', { main: 'two', edge: 'one' }, MISSING],
  [
    'a run of this commit that failed after its first tag',
    'commit',
    { 'sha-860c190': 'two', main: 'one', edge: 'one' },
    'its tags sha-860c190 and main are not on one image',
  ],
  // Its image is read, and has no evidence.
  ['a run that set all', 'all', { main: 'one', edge: 'one' }, 'the published image (main) has no provenance'],
])('after %s', async (_, repository, tags, expected) => {
  expect(await published(repository, tags)).toBe(expected);
});
