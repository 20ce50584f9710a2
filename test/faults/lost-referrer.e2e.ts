/** A registry that took evidence and left it out of its list of referrers, as some do when several arrive at once. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parsePublicKey } from '@tidegate/attest';
import type { Digest } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import { openTarget, type PushReport, publish, pushBlobs } from '@tidegate/pipeline';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { silentServices } from '../support/silent.ts';
import { type SignedLayout, signedLayout } from './engine/support/signed-layout.ts';

let server: RegistryServer;
let layout: SignedLayout;
beforeEach(async () => {
  server = await startRegistry();
  layout = await signedLayout();
});
afterEach(async () => {
  await server.close();
  await layout[Symbol.asyncDispose]();
});

/** @param deaf how many times the manifest of evidence arrives before it is listed */
async function pushTo(deaf: number): Promise<PushReport> {
  const lost = [...layout.referrers.values()].flat()[0] as Digest;
  const registry = new Registry({ registry: server.host, repository: 'lost/app' });
  let arrived = 0;
  const { push, referrers } = registry;
  registry.push = async (descriptor, ...rest) => {
    if (descriptor.digest === lost) arrived += 1;
    return push.call(registry, descriptor, ...rest);
  };
  registry.referrers = async (...asked) => {
    const listed = await referrers.call(registry, ...asked);
    return listed.filter(({ digest }) => digest !== lost || arrived > deaf);
  };
  try {
    const services = silentServices();
    const target = await openTarget(layout.folder);
    const blobs = await pushBlobs(target, registry, services);
    const trust = { publicKeys: [parsePublicKey(layout.publicKey)] };
    const delivery = { registry, blobs, before: new Map() };
    const [pushed] = await publish(target, [delivery], { tags: ['1.2.3'], trust }, services);
    return pushed;
  } finally {
    registry.close();
  }
}

test.each([0, 1, 2])('evidence that is listed after it was lost %i times lets the tag appear', async (times) => {
  expect((await pushTo(times)).tags).toEqual([{ tag: '1.2.3', outcome: 'set' }]);
});

test('evidence that is lost again and again leaves no tag', async () => {
  await expect(pushTo(99)).rejects.toMatchObject({
    kind: 'integrity',
    message: expect.stringMatching(/accepted evidence that it does not list as referrers \(1 piece\)/),
  });
  expect([...server.tags('lost/app').keys()]).toEqual([]);
});

// distribution-spec, "Listing Referrers": 200 with an empty list is what a registry says that knows the API and has none.
test('a registry that takes all evidence and lists none, for ever, gets no tag and a clear error', async () => {
  const empty = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
  let asked = 0;
  const never = await startRegistry({
    onRequest: ({ method, url }) => {
      if (method !== 'GET' || !/\/referrers\/sha256:/.test(url)) return undefined;
      asked += 1;
      const headers = { 'content-type': empty.mediaType };
      return { kind: 'answer', status: 200, headers, body: JSON.stringify(empty) };
    },
  });
  const registry = new Registry({ registry: never.host, repository: 'lost/app' });
  try {
    const services = silentServices();
    const target = await openTarget(layout.folder);
    const blobs = await pushBlobs(target, registry, services);
    const trust = { publicKeys: [parsePublicKey(layout.publicKey)] };
    const delivery = { registry, blobs, before: new Map() };
    const pushed = publish(target, [delivery], { tags: ['1.2.3', 'latest'], trust }, services);
    await expect(pushed).rejects.toMatchObject({
      kind: 'integrity',
      message: expect.stringMatching(/accepted evidence that it does not list as referrers \(\d+ pieces?\)/),
    });
    expect(asked).toBeGreaterThan(0);
    expect([...never.tags('lost/app').keys()]).toEqual([]);
    // It took everything else: the image is there, by its digest.
    expect(never.manifest('lost/app', target.image.root.digest)).toBeDefined();
  } finally {
    registry.close();
    await never.close();
  }
});
