/** The baseline of the live image, read from a registry with the keys of its signer. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type KeySigner,
  keySigner,
  makeStatement,
  scanStatement,
  type Trust,
  verdictStatement,
} from '@tidegate/attest';
import { type Descriptor, digestOf, MediaType, PredicateType, type Severity, type TidegateError } from '@tidegate/core';
import { contentOfBytes, copyReferrers, ImageLayout, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { attachLocal, attachStatement, readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { publish, pushBlobs } from '../push/publish.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget, type Target } from '../target.ts';
import { assertStillLive, type Baseline, dropBaseline, keepBaseline, readBaseline, underPolicy } from './baseline.ts';
import { baselineDocument, readBaselineDocument } from './document.ts';

let folder = '';
let server: RegistryServer;
let signer: KeySigner;
let other: KeySigner;
let count = 0;
const newSigner = () =>
  keySigner(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
const REPORT = new URL('../../../attest/testdata/grype.json', import.meta.url);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-baseline-'));
  server = await startRegistry();
  [signer, other] = [await newSigner(), await newSigner()];
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

type Found = Readonly<Record<string, Severity>>;

interface Made {
  /** Advisories of one package with their severities; `*` at the end means known to be exploited. */
  readonly findings?: Found;
  readonly finishedOn?: string;
  readonly destination?: string;
  readonly passed?: boolean;
}

const registryOf = (repository: string) => new Registry({ registry: server.host, repository });
const newRepository = () => `acme/app-${++count}`;

/** An image of one platform with a scan and a verdict. */
async function imageWith({ findings = {}, finishedOn, destination, passed = true }: Made): Promise<Target> {
  count += 1;
  const layout = await ImageLayout.create(join(folder, `layout-${count}`));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers' },
    config: { Labels: { n: `${count}` } },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: await put(MediaType.config, config),
    layers: [],
  };
  await layout.add(await put(MediaType.manifest, manifest));
  const target = await openTarget(layout.folder);
  await scanned(target, findings, finishedOn);
  const verdict = verdictStatement(
    [target.image.root],
    { passed, rules: [{ rule: 'scan-present', outcome: passed ? 'pass' : 'fail', why: '' }], decidedOn: new Date() },
    { verifier: { id: 'https://example.org' }, policy: { digest: digestOf('policy') }, destination, inputs: [] },
  );
  await attachStatement(target, target.image.root, verdict);
  return target;
}

async function scanned(target: Target, findings: Found, finishedOn = '2026-11-24T20:55:50Z'): Promise<void> {
  const report = JSON.parse(await readFile(REPORT, 'utf8'));
  const [match] = report.matches;
  report.source.target.manifestDigest = target.image.root.digest;
  report.matches = Object.entries(findings).map(([id, severity]) => ({
    ...match,
    relatedVulnerabilities: [],
    vulnerability: {
      ...match.vulnerability,
      id: id.replace('*', ''),
      severity: severity[0]?.toUpperCase() + severity.slice(1),
      ...(id.endsWith('*') ? { knownExploited: [{ cve: id.replace('*', '') }] } : {}),
    },
  }));
  const database = { source: 'https://grype.example', checksum: digestOf('archive') };
  const at = new Date(finishedOn);
  const run = { sbom: digestOf('sbom'), threshold: 'none', tripped: false, onlyFixed: false, database };
  const statement = scanStatement([target.image.root], Buffer.from(JSON.stringify(report)), {
    ...{ ...run, startedOn: at, finishedOn: at },
  });
  await attachStatement(target, target.image.root, statement);
}

const trustIn = ({ publicKey }: KeySigner): Trust => ({ publicKeys: [publicKey] });

async function published(target: Target, repository: string, tags: readonly string[], by = signer): Promise<void> {
  const trust = trustIn(by);
  await sign(target, { signer: by, witnesses: [], trust }, services);
  const registry = registryOf(repository);
  const blobs = await pushBlobs(target, registry, services);
  await publish(target, registry, blobs, { trust, tags, before: new Map(), overwrite: true }, services);
}

const read = (repository: string, tags: readonly string[] = ['1.0.0', 'latest'], by = signer) =>
  readBaseline({ registry: registryOf(repository), tags, trust: trustIn(by), signer: by.identity }, services);

/** A live image in its own repository. */
async function live(made: Made, tags: readonly string[] = ['latest'], by = signer) {
  const repository = newRepository();
  const target = await imageWith({ destination: `${server.host}/${repository}`, ...made });
  await published(target, repository, tags, by);
  return { repository, target };
}

describe('what the live image has', () => {
  test('is what its signed scan says', async () => {
    const { repository, target } = await live({ findings: { 'CVE-1': 'high', 'CVE-2*': 'low' } });
    expect(await read(repository)).toEqual({
      live: {
        repository: `${server.host}/${repository}`,
        tag: 'latest',
        digest: target.image.root.digest,
        policies: [digestOf('policy')],
      },
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
    expect((await read(repository, ['1.0.0', '1.0', '1', 'latest'])).live?.tag).toBe('1.0');
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

  test('with evidence that nobody signed', async () => {
    const repository = newRepository();
    const target = await imageWith({ findings: { 'CVE-1': 'high' }, destination: `${server.host}/${repository}` });
    const registry = registryOf(repository);
    const blobs = await pushBlobs(target, registry, services);
    await publish(target, registry, blobs, { trust: TRUST_NONE, tags: ['latest'], before: new Map() }, services);
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
    const newer = await imageWith({ destination: `${server.host}/${repository}`, findings: {} });
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
      { registry, tags: ['latest'], trust: trustIn(signer), signer: signer.identity },
      services,
    );
    expect([found.live, found.why]).toEqual([undefined, expect.stringMatching(/^Cannot read the live image: /)]);
  }, 60_000);
});

const compared = (live: Baseline['live'], findings: Found): Baseline => ({
  ...(live ? { live, signer: signer.identity } : { why: 'Nothing is live.' }),
  findings: {
    'linux/amd64': Object.entries(findings).map(([id, severity]) => ({
      ...{ id, type: 'go-module', name: 'golang.org/x/text', severity },
    })),
  },
});
const LIVE = {
  repository: 'ghcr.io/acme/app',
  tag: 'latest',
  digest: digestOf('live'),
  policies: [digestOf('policy')],
};
const baselinesOf = async (target: Target, trust = TRUST_NONE) =>
  (await readEvidence(await openTarget(target.layout.folder), trust)).filter((one) => one.kind === 'baseline');

describe('beside the image', () => {
  test('lies what both have, and the signature is over it', async () => {
    const target = await imageWith({ findings: { 'CVE-1': 'high', 'CVE-9': 'low' } });
    await keepBaseline(target, compared(LIVE, { 'CVE-1': 'high', 'CVE-2': 'low' }));
    const [found, ...more] = await baselinesOf(target);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ live: LIVE, signer: signer.identity, findings: [{ id: 'CVE-1', severity: 'high' }] });
    await sign(target, { signer, witnesses: [], trust: trustIn(signer) }, services);
    const signatures = (await readEvidence(target, trustIn(signer))).filter((one) => one.kind === 'signature');
    expect(signatures.map(({ payload }) => payload)).toContain(found?.statement);
  });

  test('lies why nothing was compared', async () => {
    const target = await imageWith({ findings: { 'CVE-1': 'high' } });
    await keepBaseline(target, { why: 'This run signs nothing.', findings: {} });
    expect(await baselinesOf(target)).toMatchObject([{ why: 'This run signs nothing.', findings: [] }]);
  });

  test('lies nothing that the layout brought, whatever its manifest calls it', async () => {
    const target = await imageWith({ findings: { 'CVE-1': 'high' } });
    const { root } = target.image;
    const forged = makeStatement(PredicateType.baseline, [root], {
      ...{ live: LIVE, signer: signer.identity },
      findings: [{ id: 'CVE-1', type: 'go-module', name: 'golang.org/x/text', severity: 'high' }],
    });
    // As a statement whose manifest has no predicate type.
    await attachLocal(target.layout, root, forged.bytes, MediaType.inToto);
    expect(await baselinesOf(target)).toHaveLength(1);
    await keepBaseline(target, { why: 'Nothing is live.', findings: {} });
    expect(await baselinesOf(target)).toMatchObject([{ why: 'Nothing is live.', findings: [] }]);
    await attachLocal(target.layout, root, forged.bytes, MediaType.inToto);
    await dropBaseline(target);
    expect(await baselinesOf(target)).toEqual([]);
  });
});

describe('between scan and push', () => {
  const told = async (over: Partial<typeof LIVE>, before: ReadonlyMap<string, ReturnType<typeof digestOf>>) => {
    const target = await imageWith({ findings: { 'CVE-1': 'high' } });
    await keepBaseline(target, compared({ ...LIVE, ...over }, { 'CVE-1': 'high' }));
    const evidence = await readEvidence(target, TRUST_NONE);
    const registry = new Registry({ registry: 'ghcr.io', repository: 'acme/app' });
    return (alreadyLive: 'fail' | 'report' = 'report') =>
      assertStillLive({ alreadyLive }, evidence, target, { registry, before });
  };
  const conflict = expect.objectContaining({ kind: 'conflict' } satisfies Partial<TidegateError>);

  test('the tag may stay', async () => {
    const check = await told({}, new Map([['latest', LIVE.digest]]));
    expect(check).not.toThrow();
  });

  test.each<[string, Partial<typeof LIVE>, ReadonlyMap<string, ReturnType<typeof digestOf>>]>([
    ['a tag that was moved', {}, new Map([['latest', digestOf('newer')]])],
    ['a tag that the push does not set', { tag: 'old' }, new Map([['latest', LIVE.digest]])],
    ['another repository', { repository: 'ghcr.io/acme/other' }, new Map([['latest', LIVE.digest]])],
  ])('%s refuses the image', async (_, over, before) => {
    const check = await told(over, before);
    expect(() => check()).toThrow(conflict);
    expect(() => check('fail')).not.toThrow();
  });
});

test('what was read travels as a document, and nothing else is read as one', () => {
  const baseline = compared(LIVE, { 'CVE-1': 'high' });
  const bytes = baselineDocument(baseline);
  expect(readBaselineDocument(bytes, 'b.json')).toEqual(baseline);
  const text = Buffer.from(bytes).toString();
  for (const wrong of [
    text.replace('baseline/1', 'baseline/2'),
    text.replace('"high"', '"severe"'),
    text.replace('"findings"', '"more":1,"findings"'),
    text.slice(1),
  ]) {
    expect(() => readBaselineDocument(Buffer.from(wrong), 'b.json')).toThrow(
      expect.objectContaining({
        id: 'baseline-document-invalid',
        message: expect.stringContaining('b.json is not a baseline'),
      }),
    );
  }
});
