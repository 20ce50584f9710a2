/** Second builds as evidence, in a layout that comes from the job of the first build. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { handedRebuild } from '@tidegate/attest';
import { type Descriptor, digestOf, MediaType, type ReproducedEvidence } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { openTarget, type Target } from '../target.ts';
import { keepRebuild, rebuildResult, takeRebuilds } from './keep.ts';
import type { Rebuild } from './rebuild.ts';

let folder = '';
let target: Target;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-rebuild-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  const layout = await ImageLayout.create(await mkdtemp(join(folder, 'layout-')));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } });
  await layout.add(
    await put(MediaType.manifest, { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] }),
  );
  target = await openTarget(layout.folder);
});

const FACTS = {
  builder: 'https://ci.example/rebuild',
  runners: [{ environment: 'self-hosted' }, { environment: 'github-hosted' }],
  buildkit: 'OWN',
  startedOn: new Date('2026-11-29T10:00:00Z'),
  finishedOn: new Date('2026-11-29T10:01:00Z'),
} as const;
const AUTHOR = { builderId: 'https://ci.example/build' };

async function rebuilds(): Promise<readonly ReproducedEvidence[]> {
  const evidence = await readEvidence(await openTarget(target.layout.folder), TRUST_NONE);
  return evidence.flatMap((one) => (one.kind === 'reproduced' ? [one] : []));
}

test('the result of another job becomes the evidence, and says that two runners built', async () => {
  await takeRebuilds(target, [handedRebuild([target.image.root.digest], FACTS)]);
  expect(await rebuilds()).toEqual([expect.objectContaining({ builder: FACTS.builder, runners: 2 })]);
});

test('a result of another image, and one that is no second build without cache, are refused', async () => {
  await expect(takeRebuilds(target, [handedRebuild([digestOf('another')], FACTS)])).rejects.toThrow(
    /is one of sha256:\w+, which is no platform of sha256:/,
  );
  const handed = handedRebuild([target.image.root.digest], FACTS);
  for (const line of [handed.replace('NONE', 'GHA'), handed.replace('"digests":[', '"digests":["x",'), '{}', 'yes']) {
    await expect(takeRebuilds(target, [line])).rejects.toThrow();
  }
  expect(await rebuilds()).toEqual([]);
});

test('only platforms with the same digest are handed over', async () => {
  const rebuilt = (differences: Rebuild['platforms'][number]['differences']): Rebuild => ({
    ...FACTS,
    platforms: [{ platform: 'linux/amd64', differences }],
  });
  expect(rebuildResult(target, rebuilt([{ kind: 'time', text: 'layer 1' }]), AUTHOR)).toBe('');
  const line = rebuildResult(target, rebuilt([]), AUTHOR);
  await keepRebuild(target, rebuilt([]), AUTHOR);
  const [kept] = await rebuilds();
  // The statement of the job itself and the one that is made of its output are the same, byte for byte.
  await takeRebuilds(target, [line]);
  expect([kept?.statement, kept?.builder]).toEqual([(await rebuilds())[0]?.statement, AUTHOR.builderId]);
});
