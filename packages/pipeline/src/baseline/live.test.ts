/** The image of a pull request's base branch, read from a registry. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { services } from '../services.fixture.ts';
import type { Target } from '../target.ts';
import { readBase } from './live.ts';

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistry();
});
afterAll(() => server.close());

const OURS = { image: { root: { digest: digestOf('this image') } } } as unknown as Target;

async function push(registry: Registry, tag: string, label: string): Promise<Descriptor> {
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await registry.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' }, config: { Labels: { label } } };
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: await put(MediaType.config, config),
    layers: [],
  };
  const root = await put(MediaType.manifest, manifest);
  await registry.moveTag(root, tag);
  return root;
}

async function read(registry: Registry, signal = services.signal) {
  const notices: string[] = [];
  const log = { ...services.log, notice: (text: string) => void notices.push(text) };
  const live = await readBase(OURS, { registry, tags: ['main', 'latest'] }, { log, signal });
  return { live, notices };
}

describe('the image to compare a pull request with', () => {
  const registryOf = (repository: string) => new Registry({ registry: server.host, repository });

  test('is that of the base branch', async () => {
    const registry = registryOf('acme/both');
    await push(registry, 'latest', 'released');
    const { digest } = await push(registry, 'main', 'developed');
    expect(await read(registry)).toMatchObject({ live: { tag: 'main', digest }, notices: [] });
  });

  test('is latest where the base branch is not published', async () => {
    const registry = registryOf('acme/released');
    const { digest } = await push(registry, 'latest', 'released');
    expect(await read(registry)).toMatchObject({ live: { tag: 'latest', digest }, notices: [] });
  });

  test('is none before the first publication', async () => {
    expect(await read(registryOf('acme/new'))).toEqual({ live: undefined, notices: [] });
  });

  test('is unknown, with a notice, if the registry fails: the pull request is judged all the same', async () => {
    const closed = await startRegistry();
    await closed.close();
    const { live, notices } = await read(new Registry({ registry: closed.host, repository: 'acme/app' }));
    expect(live).toBeUndefined();
    expect(notices).toEqual([expect.stringMatching(/^Changes against .*acme\/app:main are unknown: /)]);
  }, 30_000);

  test('is not waited for when the run is cancelled', async () => {
    const reason = new Error('cancelled');
    await expect(read(registryOf('acme/both'), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
