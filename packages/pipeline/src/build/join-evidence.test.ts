/**
 * What a layout says about its image, beyond what a build states. The attacker controls the machine of a build job, and
 * so its layout. Later jobs judge and sign: nothing of the attacker's may get the signature.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  makeStatement,
  REFERENCE,
  referenceStatement,
  reproducedStatement,
  type StatementBytes,
  statementReferrer,
  testResultStatement,
  verdictStatement,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, type Policy, PredicateType } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { newSigner } from '../baseline/baseline.fixture.ts';
import { TRUST_NONE } from '../evidence/store.ts';
import { judgeBeforeSigning, recordVerdict } from '../policy/gate.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget } from '../target.ts';
import { signedFacts } from '../verify/verify-evidence.ts';
import { joinTargets } from './join.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-join-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const OLDER = 'https://slsa.dev/provenance/v0.2';
const TESTED = { passed: ['starts'], failed: [], configuration: [] };
const POLICY: Policy = {
  require: ['provenance'],
  ...({ failOn: 'high', unknownSeverity: 'fail' } as const),
  ...{ onlyFixed: false, maxDatabaseAge: 1, maxScanAge: 1 },
};

const provenanceOf = (...subjects: readonly Digest[]): StatementBytes =>
  makeStatement(
    PredicateType.provenance,
    subjects.map((digest) => ({ digest })),
    {
      buildDefinition: { buildType: 'b', externalParameters: {} },
      runDetails: { builder: { id: 'b' } },
    },
  );

interface Planted {
  readonly made: StatementBytes;
  /** The type under which the layout lists it. */
  readonly as: string;
}

async function builtWith(plant: (image: Digest) => Planted) {
  const layout = await ImageLayout.create(await mkdtemp(join(folder, 'layout-')));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const attach = async (subject: Descriptor, { made, as }: Planted) => {
    const { blobs, descriptor, manifest } = statementReferrer(subject, made.bytes, as);
    for (const blob of blobs) await layout.push(blob.descriptor, contentOfBytes(blob.bytes));
    await layout.push(descriptor, contentOfBytes(manifest));
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } });
  const image = await put(MediaType.manifest, { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] });
  await layout.add(image);
  await attach(image, { made: provenanceOf(image.digest), as: PredicateType.provenance });
  await attach(image, plant(image.digest));
  return openTarget(layout.folder);
}

const OTHER = digestOf('an image that no build made');
const LAX = digestOf("a policy of the writer's own");
const STRICT = digestOf("the organisation's policy");
const verdict = (...subjects: readonly Digest[]) =>
  verdictStatement(
    subjects.map((digest) => ({ digest })),
    { passed: true, rules: [], decidedOn: new Date() },
    { verifier: { id: 'v' }, policy: { digest: STRICT }, destination: 'ghcr.io/acme/app', inputs: [] },
  );

/** What the publishing job signs after the job that judges, both of which are honest. */
async function signedAfter(plant: (image: Digest) => Planted) {
  const built = await builtWith(plant);
  let isRemoved = false;
  const onRemoved = () => {
    isRemoved = true;
  };
  const target = await joinTargets([built], await mkdtemp(join(folder, 'joined-')), { onRemoved });
  const judged = await judgeBeforeSigning(target, POLICY, TRUST_NONE, services);
  const destinations = [{ registry: 'ghcr.io', repository: 'acme/app' }];
  await recordVerdict(target, judged, { policyDigest: LAX, verifier: { id: 'v' }, destinations });
  const signer = await newSigner();
  const trust = { publicKeys: [signer.publicKey] };
  const { layout, image, evidence } = await openTarget(target.layout.folder);
  await sign({ layout, image, evidence }, { signer, witnesses: [], trust }, services);
  const { verified } = await signedFacts(layout, image.root.digest, trust, services.signal);
  const policies = verified.flatMap(({ evidence: said }) => (said?.kind === 'verdict' ? [said.policy] : []));
  return { isRemoved, policies, types: new Set(verified.map(({ predicateType }) => predicateType)) };
}

const OWN = 'https://acme.example/review/v1';
const PLANTED: readonly (readonly [string, string, (image: Digest) => StatementBytes])[] = [
  ["a verdict under the organisation's policy", PredicateType.verdict, verdict],
  ['a verdict on another image, too', PredicateType.verdict, (image) => verdict(image, OTHER)],
  ['a test result', PredicateType.tests, (image) => testResultStatement(image, TESTED)],
  [
    'a second build',
    PredicateType.reproduced,
    (image) => {
      const at = new Date('2026-11-29T10:00:00Z');
      const runners = [{ environment: 'self-hosted' }, { environment: 'github-hosted' }] as const;
      const facts = { builder: 'b', runners, buildkit: 'OWN', startedOn: at, finishedOn: at } as const;
      return reproducedStatement(image, facts);
    },
  ],
  ["evidence of a user's own type", OWN, (image) => makeStatement(OWN, [{ digest: image }], {})],
  ['older provenance', OLDER, (image) => makeStatement(OLDER, [{ digest: image }], {})],
  [
    'a reference to a verdict',
    REFERENCE,
    (image) => {
      const digest = digestOf(verdict(image).bytes);
      const named = { predicateType: PredicateType.verdict, digest, mediaType: MediaType.inToto };
      return referenceStatement([{ digest: image }], named);
    },
  ],
];

describe.each(PLANTED)('%s in the layout of a build', (_, type, made) => {
  test.each([
    ['under its own type', type],
    ['under another type', PredicateType.provenance],
    ['under no type', ''],
  ])('%s is removed, and not signed', async (_listed, as) => {
    const { isRemoved, policies, types } = await signedAfter((image) => ({ made: made(image), as }));
    expect(isRemoved).toBe(true);
    expect(types).toEqual(new Set([PredicateType.signature, PredicateType.provenance, PredicateType.verdict]));
    expect(policies).toEqual([LAX]);
  });
});

test.each<[string, string, (image: Digest) => StatementBytes, RegExp]>([
  ['about another image, too', PredicateType.provenance, (image) => provenanceOf(image, OTHER), /is about 2 images/],
  ['under another type', OWN, (image) => provenanceOf(image, image), /The layout lists it as https:\/\/acme/],
])('provenance %s is not signed', async (_, as, made, why) => {
  await expect(signedAfter((image) => ({ made: made(image), as }))).rejects.toThrow(why);
});
