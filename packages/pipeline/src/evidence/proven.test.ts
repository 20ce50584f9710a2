/** Published evidence is used instead of new evidence only if it could not differ from it. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  bundleReferrer,
  cyclonedxStatement,
  type KeySigner,
  keySigner,
  MAX_BUNDLE_BYTES,
  type StatementBytes,
  scanStatement,
  spdxStatement,
  type VerdictOptions,
  verdictStatement,
} from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  digestOf,
  EVIDENCE_MAKER,
  effectivePolicy,
  hexOf,
  MediaType,
  manifestsOf,
  type Policy,
} from '@tidegate/core';
import { contentOfBytes, ImageLayout, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { publish, pushBlobs } from '../push/publish.ts';
import { services as silent } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget, type Target } from '../target.ts';
import { readOwnAt } from './own-evidence.ts';
import { findProven, type Proven } from './proven.ts';
import { attachStatement, readContent } from './store.ts';

const NOW = new Date('2026-11-25T00:00:00Z');
const SYFT = { name: 'syft', digest: digestOf('syft 1') } as const;
const POLICY: Policy = effectivePolicy({ version: 1 }).policy;
const POLICY_DIGEST = digestOf('policy');
const services = {
  ...silent,
  clock: () => NOW,
  tools: { get: async () => ({ program: Promise.resolve(SYFT) }) },
} as unknown as typeof silent;

let folder = '';
let server: RegistryServer;
let signer: KeySigner;
let stranger: KeySigner;
let images = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-proven-'));
  server = await startRegistry();
  const newKey = () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  };
  signer = await newKey();
  stranger = await newKey();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Made {
  readonly verdict?: Partial<VerdictOptions>;
  readonly passed?: boolean;
  readonly syft?: Digest;
  readonly maker?: string;
  /** Which statements are attached and which are judged. */
  readonly unjudged?: readonly string[];
  readonly absent?: readonly string[];
  readonly added?: boolean;
  /** The image that the SBOM names. */
  readonly named?: string;
  readonly by?: 'stranger';
}

/** An image of two platforms with its evidence, in a repository of its own. */
async function published(made: Made): Promise<{ readonly target: Target; readonly registry: Registry }> {
  images += 1;
  const registry = new Registry({ registry: server.host, repository: `acme/app-${images}` });
  const layout = await ImageLayout.create(join(folder, `layout-${images}`));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const platforms: Descriptor[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const config = await put(MediaType.config, {
      os: 'linux',
      architecture,
      author: `${images}`,
      rootfs: { type: 'layers' },
    });
    const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
    platforms.push({ ...(await put(MediaType.manifest, manifest)), platform: { os: 'linux', architecture } });
  }
  await layout.add(await put(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: platforms }));
  const target = await openTarget(layout.folder);
  for (const { digest, mediaType, size } of manifestsOf(target.image)) {
    const isPlatform = platforms.some((one) => one.digest === digest);
    for (const statement of evidenceOf(digest, isPlatform, registry.name, made)) {
      await attachStatement(target, { digest, mediaType, size }, statement);
    }
  }
  const by = made.by ? stranger : signer;
  const trust = { publicKeys: [by.publicKey] };
  await sign(target, { signer: by, witnesses: [], trust }, silent);
  const blobs = await pushBlobs(target, registry, silent);
  await publish(target, [{ registry, blobs, before: new Map() }], { tags: [], trust }, silent);
  return { target, registry };
}

function evidenceOf(digest: Digest, isPlatform: boolean, name: string, made: Made): readonly StatementBytes[] {
  const subjects = [{ digest }];
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const report = {
    matches: [],
    source: { type: 'image', target: { manifestDigest: digest } },
    descriptor: {
      ...{ name: 'grype', version: '0.119.0' },
      db: { status: { schemaVersion: 'v6.1.9', built: NOW.toISOString(), valid: true } },
    },
  };
  const run = {
    ...{ sbom: digestOf('syft-json'), threshold: 'high', tripped: false, onlyFixed: false },
    database: { source: 'https://grype.example', checksum: digestOf('archive') },
    ...{ startedOn: NOW, finishedOn: NOW },
    added: made.added ? [{ type: 'python', name: 'odd', version: '1', purl: 'pkg:pypi/odd@1' }] : [],
  };
  const all: Record<string, StatementBytes> = {
    spdx: spdxStatement(
      subjects,
      json({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [] }),
    ),
    cyclonedx: cyclonedxStatement(
      subjects,
      json({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] },
        metadata: { component: { type: 'container', name: made.named ?? name, version: digest } },
      }),
    ),
    scan: scanStatement(subjects, json(report), run as Parameters<typeof scanStatement>[2]),
  };
  const { absent = [], unjudged = [] } = made;
  const here = isPlatform ? Object.entries(all).filter(([kind]) => !absent.includes(kind)) : [];
  const verdict = verdictStatement(
    subjects,
    { passed: made.passed ?? true, rules: [], decidedOn: NOW },
    {
      verifier: { id: 'https://example.org' },
      ...{ destination: name, policy: { digest: POLICY_DIGEST } },
      inputs: here.filter(([kind]) => !unjudged.includes(kind)).map(([, { bytes }]) => digestOf(bytes)),
      tools: [
        { name: 'syft', version: '1', sha256: hexOf(made.syft ?? SYFT.digest) },
        { name: EVIDENCE_MAKER.name, version: made.maker ?? EVIDENCE_MAKER.version },
      ],
      ...made.verdict,
    },
  );
  return [...here.map(([, statement]) => statement), verdict];
}

async function found(made: Made, policy: Policy = POLICY): Promise<Proven | undefined> {
  const { target, registry } = await published(made);
  const trust = { publicKeys: [signer.publicKey] };
  const options = { registry, trust, policy, policyDigest: POLICY_DIGEST, name: registry.name };
  try {
    return await findProven(target.image, options, services);
  } finally {
    registry.close();
  }
}

test('evidence of this signer, about this image, under this policy and by these programs is used', async () => {
  const proven = await found({});
  expect(proven?.sboms.size).toBe(2);
  expect(proven?.judgedOn).toEqual(NOW);
  for (const [subject, { spdx, spdxEvidence, cyclonedx, scannable }] of proven?.sboms ?? []) {
    expect(spdxEvidence).toMatchObject({ kind: 'sbom', subject, format: 'spdx', statement: digestOf(spdx) });
    expect(scannable.evidence).toMatchObject({ subject, format: 'cyclonedx', statement: digestOf(cyclonedx) });
  }
});

test('a second reading takes the list anew and no bundle again, and believes a smaller trust alone', async () => {
  const { target, registry } = await published({});
  const trust = { publicKeys: [signer.publicKey, stranger.publicKey] };
  const options = { registry, trust, policy: POLICY, policyDigest: POLICY_DIGEST, name: registry.name };
  const proven = await findProven(target.image, options, services);
  const fetched = jest.spyOn(registry, 'fetchBytes');
  const listed = jest.spyOn(registry, 'referrers');
  const [own] = await readOwnAt([registry], target.image, trust, services, proven?.memory);
  expect(fetched.mock.calls.filter(([{ mediaType }]) => mediaType === MediaType.bundle)).toEqual([]);
  expect(listed).toHaveBeenCalledTimes(3);
  const [anew] = await readOwnAt([registry], target.image, trust, services);
  expect(own?.facts).toHaveLength(12);
  expect(new Set(own?.facts)).toEqual(new Set(anew?.facts));
  const digests = (read: typeof own) =>
    [...(read?.statements ?? [])].map(([subject, all]) => [subject, new Set(all.map(({ bytes }) => digestOf(bytes)))]);
  expect(new Map(digests(own) as [])).toEqual(new Map(digests(anew) as []));
  const others = { publicKeys: [stranger.publicKey] };
  const [none] = await readOwnAt([registry], target.image, others, services, proven?.memory);
  expect(none?.facts).toEqual([]);
  registry.close();
});

describe('nothing is used', () => {
  test.each<[string, Made]>([
    ['of another signer', { by: 'stranger' }],
    ['if the verdict is by an older Syft', { syft: digestOf('syft 0') }],
    ['if the verdict is by another version of our own code', { maker: '0' }],
    ['if the verdict names no programs', { verdict: { tools: [] } }],
    ['if the verdict is under another policy', { verdict: { policy: { digest: digestOf('another') } } }],
    ['if the verdict is for another repository', { verdict: { destination: 'registry.example/other' } }],
    ['if the verdict failed', { passed: false }],
    ['if the verdict judged only a part', { verdict: { notJudged: ['contents'] } }],
    ['if the CycloneDX document was not judged', { unjudged: ['cyclonedx'] }],
    ['if the SPDX document was not judged', { unjudged: ['spdx'] }],
    ['if an SBOM is missing', { absent: ['spdx'] }],
    ['if the scan was removed: it may have named packages that the SBOM lacks', { absent: ['scan'] }],
    ['if the scan was not judged', { unjudged: ['scan'] }],
    ['if the scan named packages that the SBOM lacks', { added: true }],
    ['if the SBOM names another image', { named: 'registry.example/other' }],
  ])('%s', async (_, made) => {
    expect(await found(made)).toBeUndefined();
  });

  test('if the policy allowed a file until a date that has passed', async () => {
    const allow = [{ path: '/a', reason: 'r', expires: new Date('2026-11-01T00:00:00Z'), from: 'f' }];
    const lapsed = { ...POLICY, contents: { ...POLICY.contents, allow } } as unknown as Policy;
    expect(await found({}, lapsed)).toBeUndefined();
  });

  test('if somebody attached the evidence of one platform to the other', async () => {
    const { target, registry } = await published({});
    const [amd64, arm64] = target.image.platforms.map(({ descriptor }) => descriptor);
    if (!amd64 || !arm64) throw new Error('the image has two platforms');
    for (const { digest } of await registry.referrers(arm64.digest))
      await registry.removeReferrers(arm64.digest, [digest]);
    for (const bundle of await target.layout.referrers(amd64.digest, MediaType.bundle)) {
      const bytes = await readContent(target.layout, bundle, MAX_BUNDLE_BYTES);
      const type = bundle.annotations?.['dev.sigstore.bundle.predicateType'] ?? '';
      const { blobs, descriptor, manifest } = bundleReferrer(arm64, bytes, type);
      for (const blob of blobs) await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
      await registry.push(descriptor, contentOfBytes(manifest));
    }
    expect((await registry.referrers(arm64.digest)).length).toBeGreaterThan(3);
    const trust = { publicKeys: [signer.publicKey] };
    const options = { registry, trust, policy: POLICY, policyDigest: POLICY_DIGEST, name: registry.name };
    expect(await findProven(target.image, options, services)).toBeUndefined();
    registry.close();
  });
});
