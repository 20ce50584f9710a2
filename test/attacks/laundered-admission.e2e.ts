/**
 * The attacker is a writer whose workflow has the release's key. The image is first published under a lax policy of
 * one's own, and then scanned again under the organisation's, so that a verdict under the organisation's policy stands
 * beside it. The registry is real HTTP; Syft and Grype say what they are told to.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cyclonedxStatement, makeBundle, verdictStatement } from '@tidegate/attest';
import { digestOf, formatRepository, PredicateType, policyDocument } from '@tidegate/core';
import { readBaseline, saysMore } from '@tidegate/pipeline';
import { archive } from '../../packages/oci/src/layers/tar.fixture.ts';
import { attach } from '../interop/support/signed-image.ts';
import {
  type Again,
  again,
  DOCUMENT,
  EFFECTIVE,
  type Identity,
  POLICY,
  type Published,
  prepare,
  release,
  released,
  removeAll,
  watch,
} from '../rescan/published-image.ts';
import { silentServices } from '../support/silent.ts';
import { cyclonedxOf } from '../tool-failures/image.ts';

beforeAll(() => prepare());
afterAll(removeAll);

const LAX = digestOf('a policy that allows everything');
const NOISE = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu';
const KEY = archive({ name: 'app/tls.key', content: `-----BEGIN PRIVATE KEY-----\n${NOISE}${NOISE}\n` });
const ANEW = ['syft', 'grype', 'syft', 'grype'];
const BY_SBOM = ['grype', 'grype'];

const failed = ({ scanned }: Again) => [
  ...new Set(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)),
];

/** Policies under which the image may be the live image that a later one is compared with. */
async function admittedUnder({ registry }: Published, { trust, signer }: Identity) {
  const question = { registries: [registry] as const, tags: ['1.2.3'], trust, signer: signer.identity };
  return (await readBaseline(question, silentServices())).live?.flatMap(({ policies }) => policies) ?? [];
}

describe('an image that was published under another policy', () => {
  test('is cataloged and judged anew: a key in a layer fails, and the verdict admits it nowhere', async () => {
    const image = await released(release, { policyDigest: LAX, layer: KEY });
    const found = await again(image, {}, [release.trust], release);
    expect(failed(found)).toEqual(['contents-secrets']);
    expect(found.run.programs).toEqual(ANEW);
    expect(await admittedUnder(image, release)).toEqual([LAX]);
  });

  test('passes if all of it passes, as after a change of the policy; the next night reads the SBOM again', async () => {
    const image = await released(release, { policyDigest: LAX });
    const first = await again(image, {}, [release.trust], release);
    expect(failed(first)).toEqual([]);
    expect(first.scanned.verdict.rules.find(({ rule }) => rule === 'contents-secrets')?.outcome).toBe('pass');
    expect(saysMore(first.scanned, 86_400_000, new Date())).toBe(true);
    expect(await admittedUnder(image, release)).toContain(DOCUMENT.digest);
    const second = await again(image, {}, [release.trust], release);
    expect(second.run.programs).toEqual(BY_SBOM);
    expect(saysMore(second.scanned, 86_400_000, new Date())).toBe(false);
  });

  test('gets no verdict under the policy without the evidence that the policy requires, and the verdict says so', async () => {
    const image = await released(release);
    const first = await again(image, {}, [watch.trust], watch);
    expect(first.scanned.verdict.passed).toBe(true);
    expect(first.scanned.verdict.rules.find(({ rule }) => rule === 'provenance-present')?.why).toMatch(/^Not judged: /);
    const policies = await admittedUnder(image, watch);
    expect(policies).toHaveLength(1);
    expect(policies).not.toContain(DOCUMENT.digest);
    const second = await again(image, {}, [watch.trust], watch);
    expect(second.run.programs).toEqual(BY_SBOM);
    expect(await admittedUnder(image, watch)).toEqual(policies);
  });

  test('is not admitted by a verdict for another repository, by an untrusted one, or by one that failed', async () => {
    const elsewhere = { registry: 'ghcr.io', repository: 'acme/other' };
    const copied = await released(release, { destination: elsewhere, layer: KEY });
    expect(failed(await again(copied, {}, [release.trust]))).toEqual(['contents-secrets']);
    const foreign = await released(watch, { layer: KEY });
    expect(failed(await again(foreign, {}, [release.trust]))).toEqual(['contents-secrets']);
    const lax = await released(release, { policyDigest: LAX, layer: KEY });
    await again(lax, {}, [release.trust], release);
    expect(failed(await again(lax, {}, [release.trust]))).toEqual(['contents-secrets']);
  });
});

describe('an image that was admitted under this policy', () => {
  test('is scanned by its SBOM, and its verdict says what it did not judge', async () => {
    const image = await released();
    const { run, scanned } = await again(image, {}, [release.trust], release);
    expect(run.programs).toEqual(BY_SBOM);
    expect(scanned.verdict.rules.find(({ rule }) => rule === 'contents-present')).toMatchObject({
      ...{ outcome: 'not-applicable', why: expect.stringMatching(/^Not judged again: /) },
    });
  });

  test('is cataloged again if the newest SBOM is none that this policy has judged', async () => {
    const image = await released();
    for (const { descriptor } of image.target.image.platforms) {
      const document = cyclonedxOf(descriptor.digest) as { readonly metadata: object };
      const emptied = {
        ...{ ...document, components: [] },
        metadata: { ...document.metadata, timestamp: new Date(Date.now() + 60_000).toISOString() },
      };
      const { bytes } = cyclonedxStatement([{ digest: descriptor.digest }], Buffer.from(JSON.stringify(emptied)));
      const bundle = await makeBundle(bytes, release.signer, []);
      await attach(image.registry, descriptor, bundle, PredicateType.cyclonedx);
    }
    const found = await again(image, { advisories: ['CVE-2026-0001'] }, [release.trust]);
    expect(found.run.programs).toEqual(ANEW);
    expect(failed(found)).toEqual(['severity-threshold']);
  });

  test('is judged anew after a file that the policy allows has expired', async () => {
    const expires = new Date(Date.now() + 30_000);
    const entry = { kind: 'secret', path: '/app/tls.key', reason: 'Replaced next week.', expires } as const;
    const policy = { ...POLICY, contents: { traces: {}, ...POLICY.contents, allow: [entry] } };
    const { digest } = policyDocument({ ...EFFECTIVE, policy });
    const image = await released(release, { policyDigest: digest, layer: KEY });
    const later = (milliseconds: number) =>
      again(image, { now: new Date(Date.now() + milliseconds) }, [release.trust], undefined, policy);
    expect(failed(await later(0))).toEqual([]);
    expect(failed(await later(60_000))).toEqual(['contents-secrets']);
  });

  test('keeps the verdict that judged everything, however many nights follow', async () => {
    const image = await released();
    for (let night = 1; night <= 3; night += 1) {
      const now = new Date(Date.now() + night * 60_000);
      await again(image, { now, keep: 1 }, [release.trust], release);
    }
    const { scanned } = await again(image, {}, [release.trust]);
    const verdicts = scanned.facts.flat().flatMap(({ subject, evidence }) => {
      return evidence?.kind === 'verdict' && subject === image.target.image.root.digest ? [evidence] : [];
    });
    expect(verdicts.map(({ isPartial = false }) => isPartial).toSorted()).toEqual([false, true, true]);
    expect(verdicts.map(({ destination }) => destination)).toEqual(
      verdicts.map(() => formatRepository(image.registry)),
    );
  });
});

describe('findings that a published comparison accepts', () => {
  const noWorse = { ...POLICY, alreadyLive: 'report' as const };
  const rescanned = async (policies: readonly (typeof LAX)[], setBy: 'extends' | 'file', comparedIn?: string) => {
    const image = await released(release, { comparedUnder: policies, ...(comparedIn ? { comparedIn } : {}) });
    const world = { advisories: ['CVE-2026-0001'] };
    return failed(await again(image, world, [release.trust], undefined, noWorse, { ...DOCUMENT.sources, setBy }));
  };

  test('fail under a policy that extends another, if the live image was admitted under a different one', async () => {
    expect(await rescanned([LAX], 'extends')).toEqual(['severity-threshold']);
    expect(await rescanned([LAX], 'file')).toEqual([]);
  });

  test('fail if the live image was one of another repository, from which the evidence was copied', async () => {
    expect(await rescanned([LAX], 'file', 'ghcr.io/acme/old')).toEqual(['severity-threshold']);
  });
});

test('a failed verdict for another repository, copied here, does not pass for the one that is to be attached', async () => {
  const image = await released();
  const { root } = image.target.image;
  const options = { verifier: { id: 'https://example.org/gate' }, policy: { digest: DOCUMENT.digest }, inputs: [] };
  const failure = { passed: false, rules: [], decidedOn: new Date(Date.now() + 60_000) };
  const { bytes } = verdictStatement([{ digest: root.digest }], failure, {
    ...options,
    destination: 'ghcr.io/acme/other',
  });
  await attach(image.registry, root, await makeBundle(bytes, release.signer, []), PredicateType.verdict);
  const { scanned } = await again(image, {}, [release.trust]);
  expect(scanned.verdictBefore).toMatchObject({ passed: true, destination: formatRepository(image.registry) });
});
