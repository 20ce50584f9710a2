/** The annotations of build-image and join-layouts, and images that are joined of builds of one platform each. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { blob, image, probes } from './probe.ts';

const { checkout, build, leaveAll } = probes(await theSuite());
afterAll(leaveAll);

describe('annotations with levels', () => {
  const LEVELS = {
    annotations: [
      'everywhere=1',
      'index:on.index=2',
      'manifest:on.manifest=3',
      'manifest-descriptor:on.descriptor=4',
      'index-descriptor:on.own.descriptor=5',
      '"manifest,index:two.lines=a\nb"',
    ].join('\n'),
    target: 'stamped',
    'build-contexts': '',
  };
  /** The keys without those of the commit. */
  const keys = (annotations: Record<string, string> = {}) =>
    Object.keys(annotations).filter((key) => !key.startsWith('org.opencontainers.') && !key.startsWith('io.'));

  /** The image's own entry in the layout. */
  async function listed({ outputs }: BundleResult) {
    const { manifests } = JSON.parse(await readFile(join(String(outputs.layout), 'index.json'), 'utf8'));
    return manifests.find(({ digest }: { digest: string }) => digest === outputs.digest);
  }

  test('are on the levels they name, of an image of one platform too, which then has an index', async () => {
    const built = await build(await checkout(), LEVELS);
    const index = await blob(built, String(built.outputs.digest));
    expect(index.mediaType).toBe('application/vnd.oci.image.index.v1+json');
    expect(keys(index.annotations)).toEqual(['everywhere', 'on.index', 'two.lines']);
    expect(index.annotations['two.lines']).toBe('a\nb');
    expect(index.manifests.map((one: { annotations?: Record<string, string> }) => keys(one.annotations))).toEqual([
      ['on.descriptor'],
    ]);
    expect(keys((await blob(built, index.manifests[0].digest)).annotations)).toEqual([
      'everywhere',
      'on.manifest',
      'two.lines',
    ]);
    expect(keys((await listed(built)).annotations)).toEqual(['on.own.descriptor']);
  });

  test('are of one platform where they say so, and of no index where they name none', async () => {
    const platforms = 'linux/amd64';
    const built = await build(await checkout(), {
      ...LEVELS,
      platforms,
      annotations: 'manifest[linux/amd64]:mine=1\nall=2',
    });
    const { manifest } = await image(built);
    expect(keys(manifest.annotations)).toEqual(['all', 'mine']);
  });

  test('are joined into the index of separate builds', async () => {
    const job = await checkout();
    const { layout = '', digest = '' } = (await build(job, { ...LEVELS, annotations: '' })).outputs;
    const joined = await succeeded(
      job.run('join-layouts', {
        name: 'joined',
        layouts: layout,
        digests: digest,
        annotations: 'plain=1\nindex:on.index=2\nmanifest-descriptor:on.descriptor=3\nindex-descriptor:own=4',
      }),
    );
    const index = await blob(joined, String(joined.outputs.digest));
    expect(keys(index.annotations)).toEqual(['on.index', 'plain']);
    expect(keys(index.manifests[0].annotations)).toEqual(['on.descriptor']);
    expect(keys((await listed(joined)).annotations)).toEqual(['own']);
  });
});

describe('builds of one platform each, joined', () => {
  /** As the reusable workflow has it: a leg for each platform, with what `plan` gives it. */
  async function joinedLegs(job: Job, platforms: string, annotations: string) {
    const plan = await succeeded(
      job.run('plan', { image: 'ghcr.io/acme/app', signing: 'key', 'key-given': 'true', platforms, annotations }),
    );
    const legs: BundleResult[] = [];
    for (const leg of JSON.parse(String(plan.outputs.matrix)).include) {
      legs.push(await build(job, { ...CARRIED, platforms: leg.platform, annotations: leg.annotations }));
    }
    return succeeded(
      job.run('join-layouts', {
        name: 'joined',
        layouts: legs.map(({ outputs }) => outputs.layout).join('\n'),
        digests: legs.map(({ outputs }) => outputs.digest).join('\n'),
        platforms: String(plan.outputs.platforms),
        annotations: String(plan.outputs['index-annotations']),
      }),
    );
  }
  const CARRIED = { target: 'carried', 'build-contexts': '', 'no-cache': 'false' };

  test.each([
    ['several platforms', 'linux/arm64, linux/amd64, linux/arm/v7', 'plain=1'],
    ['one platform', 'linux/amd64', 'plain=1'],
    ['one platform with an annotation of the index', 'linux/amd64', 'plain=1\nindex:on.index=2'],
  ])('are the very image that one build of them all gives: %s', async (_, platforms, annotations) => {
    const job = await checkout();
    const together = await build(job, { ...CARRIED, platforms, annotations });
    expect((await joinedLegs(job, platforms, annotations)).outputs.digest).toBe(together.outputs.digest);
  });
});
