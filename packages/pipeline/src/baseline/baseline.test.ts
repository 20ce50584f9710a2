/** The baseline of the live image, read from a registry with the keys of its signer. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KeySigner, Trust } from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { copyReferrers, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { TRUST_NONE } from '../evidence/store.ts';
import { publish, pushBlobs } from '../push/publish.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import type { Target } from '../target.ts';
import { type Made, newImages, newSigner, scanned } from './baseline.fixture.ts';
import { readBaseline, underPolicy } from './baseline.ts';

let images: Awaited<ReturnType<typeof newImages>>;
let server: RegistryServer;
let signer: KeySigner;
let other: KeySigner;
let count = 0;
beforeAll(async () => {
  images = await newImages();
  server = await startRegistry();
  [signer, other] = [await newSigner(), await newSigner()];
});
afterAll(async () => {
  await server.close();
  await images?.remove();
});

const registryOf = (repository: string) => new Registry({ registry: server.host, repository });
const newRepository = () => `acme/app-${++count}`;

const trustIn = ({ publicKey }: KeySigner): Trust => ({ publicKeys: [publicKey] });

async function published(target: Target, repository: string, tags: readonly string[], by = signer): Promise<void> {
  const trust = trustIn(by);
  await sign(target, { signer: by, witnesses: [], trust }, services);
  const registry = registryOf(repository);
  const blobs = await pushBlobs(target, registry, services);
  await publish(target, [{ registry, blobs, before: new Map() }], { trust, tags, overwrite: true }, services);
}

const read = (repository: string, tags: readonly string[] = ['1.0.0', 'latest'], by = signer) =>
  readBaseline({ registries: [registryOf(repository)], tags, trust: trustIn(by), signer: by.identity }, services);

/** A live image in its own repository. */
async function live(made: Made, tags: readonly string[] = ['latest'], by = signer) {
  const repository = newRepository();
  const target = await images.imageWith({ destination: `${server.host}/${repository}`, ...made });
  await published(target, repository, tags, by);
  return { repository, target };
}

describe('findings of the live image', () => {
  test('is what its signed scan says', async () => {
    const { repository, target } = await live({ findings: { 'CVE-1': 'high', 'CVE-2*': 'low' } });
    expect(await read(repository)).toEqual({
      live: [
        {
          repository: `${server.host}/${repository}`,
          tag: 'latest',
          digest: target.image.root.digest,
          policies: [digestOf('policy')],
        },
      ],
      signer: signer.identity,
      findings: {
        'linux/amd64': [
          { id: 'CVE-1', type: 'go-module', name: 'golang.org/x/text', severity: 'high' },
          { id: 'CVE-2', type: 'go-module', name: 'golang.org/x/text', severity: 'low', knownExploited: true },
        ],
      },
    });
  });

  test('is that of the widest tag that exists', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' } }, ['1.0.0', '1.0']);
    expect((await read(repository, ['1.0.0', '1.0', '1', 'latest'])).live?.[0]?.tag).toBe('1.0');
  });

  test('under a policy that extends another is of an image that was admitted under this very policy', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' } });
    const found = await read(repository);
    const under = (policy: string, setBy?: string) =>
      underPolicy(found, { digest: digestOf(policy), sources: { setBy } });
    expect(under('policy', 'extends')).toEqual(found);
    expect(under('another')).toEqual(found);
    expect(under('another', 'extends')).toEqual({
      why: expect.stringMatching(/passed the gate under a different policy\.$/),
      findings: {},
    });
  });

  test('is what the newest of its scans says', async () => {
    const { repository, target } = await live({ findings: { 'CVE-1': 'high' } });
    await scanned(target, { 'CVE-1': 'high', 'CVE-3': 'low' }, '2026-11-25T00:00:00Z');
    await sign(target, { signer, witnesses: [], trust: trustIn(signer), statementsOnly: true }, services);
    await copyReferrers(target.layout, registryOf(repository), target.image.root.digest, {});
    expect((await read(repository)).findings['linux/amd64']?.map(({ id }) => id)).toEqual(['CVE-1', 'CVE-3']);
  });
});

describe('of several destinations', () => {
  const both = (one: string, other: string) =>
    readBaseline(
      {
        ...{ registries: [registryOf(one), registryOf(other)], tags: ['latest'] },
        ...{ trust: trustIn(signer), signer: signer.identity },
      },
      services,
    );

  test('only what the live image of each has counts, as the image has it where it is least severe', async () => {
    const old = await live({
      findings: { 'CVE-1': 'critical', 'CVE-2': 'high', 'CVE-3*': 'high', 'CVE-4': 'unknown' },
    });
    const own = await live({ findings: { 'CVE-2': 'low', 'CVE-3': 'critical', 'CVE-4': 'high', 'CVE-5': 'high' } });
    for (const [one, other] of [
      [old, own],
      [own, old],
    ] as const) {
      const found = await both(one.repository, other.repository);
      expect(found.live?.map(({ repository, digest }) => [repository, digest])).toEqual(
        [one, other].map(({ repository, target }) => [`${server.host}/${repository}`, target.image.root.digest]),
      );
      expect(
        found.findings['linux/amd64']?.map(({ id, severity, knownExploited }) => [id, severity, knownExploited]),
      ).toEqual([
        ['CVE-2', 'low', undefined],
        ['CVE-3', 'high', undefined],
        ['CVE-4', 'unknown', undefined],
      ]);
    }
  });

  test('one without a live image, or without evidence of this signer, has nothing', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' } });
    const others = await live({ findings: { 'CVE-1': 'high' } }, ['latest'], other);
    for (const [without, why] of [
      [newRepository(), /^None of the tags of this run exists in/],
      [others.repository, /has no scan signed by/],
    ] as const) {
      const found = await both(repository, without);
      expect([found.live, found.findings, found.why]).toEqual([undefined, {}, expect.stringMatching(why)]);
    }
  });
});

describe('nothing is compared', () => {
  const without = async (repository: string, by = signer) => {
    const { live: found, findings, why } = await read(repository, ['latest'], by);
    expect([found, findings]).toEqual([undefined, {}]);
    return why;
  };

  test('with the evidence of another key', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' } }, ['latest'], other);
    expect(await without(repository)).toMatch(/latest \(sha256:\w+\) has no scan signed by key sha256:\w+\.$/);
    expect((await read(repository, ['latest'], other)).live).toBeDefined();
  });

  test('with unsigned evidence', async () => {
    const repository = newRepository();
    const target = await images.imageWith({
      findings: { 'CVE-1': 'high' },
      destination: `${server.host}/${repository}`,
    });
    const registry = registryOf(repository);
    const blobs = await pushBlobs(target, registry, services);
    await publish(target, [{ registry, blobs, before: new Map() }], { trust: TRUST_NONE, tags: ['latest'] }, services);
    expect(await without(repository)).toContain('has no scan signed by');
  });

  test('with an image that was let into another repository', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' }, destination: 'ghcr.io/acme/other' });
    expect(await without(repository)).toContain(`has no passed verdict for ${server.host}/${repository} signed by key`);
  });

  test('with an image that did not pass', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' }, passed: false });
    expect(await without(repository)).toContain('has no passed verdict');
  });

  test('where the tags of this run point to different images, in whatever order they are named', async () => {
    const { repository } = await live({ findings: { 'CVE-1': 'high' } }, ['old']);
    const newer = await images.imageWith({ destination: `${server.host}/${repository}`, findings: {} });
    await published(newer, repository, ['prod']);
    for (const tags of [
      ['prod', 'old'],
      ['old', 'prod'],
    ]) {
      expect((await read(repository, tags)).why).toMatch(/point to different images\.$/);
    }
  });

  test('where no tag of this run exists', async () => {
    expect(await without(newRepository())).toMatch(/^None of the tags of this run exists in 127\.0\.0\.1/);
  });

  test('where the registry does not answer', async () => {
    const timing = { now: Date.now, sleep: async () => {}, random: Math.random };
    const registry = new Registry({ registry: '127.0.0.1:1', repository: 'a/b' }, { timing });
    const found = await readBaseline(
      { registries: [registry], tags: ['latest'], trust: trustIn(signer), signer: signer.identity },
      services,
    );
    expect([found.live, found.why]).toEqual([undefined, expect.stringMatching(/^Cannot read the live image: /)]);
  }, 60_000);
});
