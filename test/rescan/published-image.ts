/** An image that is published and scanned again, in a world that the test makes up. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import {
  baselineStatement,
  keySigner,
  parsePublicKey,
  provenanceStatement,
  type Signer,
  type Trust,
} from '@tidegate/attest';
import {
  type Digest,
  digestOf,
  effectivePolicy,
  type Finding,
  manifestsOf,
  type Policy,
  parseReference,
  policyDocument,
  REQUIRED_BY_DEFAULT,
  type Repository,
} from '@tidegate/core';
import { ImageLayout, Registry } from '@tidegate/oci';
import {
  attachRescan,
  attachStatement,
  openTarget,
  type Rescanned,
  readEvidence,
  readOwnAt,
  recordVerdict,
  removeSuperseded,
  rescan,
  reuseOwn,
  type Services,
  sbom,
  scan,
  sign,
  type Target,
  TRUST_NONE,
  verifyImage,
} from '@tidegate/pipeline';
import { type RegistryServer, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { childContexts } from '@tidegate/tools';
import { BUILDKIT } from '../interop/support/buildkit-provenance.ts';
import { published } from '../interop/support/evidence-image.ts';
import { silentServices } from '../support/silent.ts';
import { cyclonedxOf, reportOf, spdxOf, syftOf, type TestImage, testImage } from '../tool-failures/image.ts';

export interface Identity {
  readonly signer: Signer;
  readonly trust: Trust;
}

let folder = '';
export let server: RegistryServer;
export let release: Identity;
export let watch: Identity;
let count = 0;

export async function prepare(options: RegistryServerOptions = {}): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-rescan-'));
  server = await startRegistry(options);
  [release, watch] = await Promise.all([identity(), identity()]);
}

export async function removeAll(): Promise<void> {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

async function identity(): Promise<Identity> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => String(key.export({ type, format: 'pem' }));
  return {
    signer: await keySigner(pem(privateKey, 'pkcs8')),
    trust: { publicKeys: [parsePublicKey(pem(publicKey, 'spki'))] },
  };
}

export const EFFECTIVE = effectivePolicy({ version: 1, preset: 'strict' });
export const DOCUMENT = policyDocument(EFFECTIVE);
export const POLICY: Policy = DOCUMENT.policy;
export const SOON = Date.now() + 3_600_000;

/** Public knowledge about the image at the time of a scan. */
export interface World {
  /** Advisories about base-files. */
  readonly advisories?: readonly string[];
  /** Advisories about Go code: whether the image's own catalog, with its symbols, shows them too. */
  readonly go?: 'linked in' | 'not linked in';
  readonly now?: Date;
  /** Number of scans and verdicts of the signer that stay on each manifest. */
  readonly keep?: number;
}

interface Started {
  readonly services: Services;
  /** Programs, in the order in which they were started. */
  readonly programs: string[];
  /** The input of Grype. */
  readonly scanned: { readonly bomFormat?: string; readonly descriptor?: { readonly name: string } }[];
}

async function worldOf({ advisories = [], go, now = new Date() }: World = {}): Promise<Started> {
  const temp = await mkdtemp(join(folder, 'run-'));
  const programs: string[] = [];
  const scanned: Started['scanned'] = [];
  const run: Services['run'] = async (path, argv, { context: { cwd } }) => {
    const name = basename(path);
    // The database knows every release, and what kinds of packages it is about.
    if (argv[0] === 'db') return { exitCode: 1, stdout: '', stderr: 'query limit reached', milliseconds: 1 };
    programs.push(name);
    const after = (flag: string) => argv[argv.indexOf(flag) + 1] ?? '';
    const write = (file: string, value: unknown) => writeFile(file, JSON.stringify(value));
    if (name === 'syft') {
      const digest = after('--source-version');
      // The input of Syft must exist, or Syft would have nothing to read.
      expect(await readFile(join(cwd, 'index.json'), 'utf8')).toContain(digest);
      const output = (kind: string) => argv.find((word) => word.startsWith(kind))?.replace(/^[^/]*=/, '') ?? '';
      await write(output('syft-json='), syftOf(digest));
      // Every run of Syft has a time and identifiers of its own.
      const [created, id] = [new Date().toISOString(), randomUUID()];
      const cyclonedx = cyclonedxOf(digest) as { readonly metadata: object };
      await write(output('spdx-json@2.3='), {
        ...spdxOf(digest),
        ...{
          documentNamespace: `https://example.org/${id}`,
          creationInfo: { created, creators: ['Tool: syft-1.50.0'] },
        },
      });
      await write(output('cyclonedx-json@1.6='), {
        ...{ ...cyclonedx, serialNumber: `urn:uuid:${id}` },
        metadata: { timestamp: created, ...cyclonedx.metadata },
      });
    } else {
      const document = JSON.parse(await readFile(argv[0]?.replace('sbom:', '') ?? '', 'utf8'));
      scanned.push(document);
      const digest = document.bomFormat ? document.metadata.component.version : document.source.metadata.manifestDigest;
      const claimed = go === 'linked in' || (go && document.bomFormat) ? [IN_GO] : [];
      const matches = [...advisories.map(match), ...claimed];
      await write(after('--file'), { ...reportOf(digest, now), matches });
      return { exitCode: matches.length > 0 ? 2 : 0, stdout: '', stderr: '', milliseconds: 1 };
    }
    return { exitCode: 0, stdout: '', stderr: '', milliseconds: 1 };
  };
  const services: Services = {
    ...silentServices(),
    tools: {
      get: async (name) => ({
        ...{ name, version: 'unknown', path: `/tools/${name}`, source: 'path' },
        program: Promise.resolve({ name, digest: digestOf(name) }),
      }),
    },
    run,
    temp,
    children: childContexts({ env: {}, folder: join(temp, 'children'), workspace: temp }),
    clock: () => now,
  };
  return { services, programs, scanned };
}

const match = (id: string) => ({
  vulnerability: { id, severity: 'High', fix: { state: 'fixed', versions: ['12.4+deb12u9'] } },
  artifact: { name: 'base-files', version: '12.4', type: 'deb' },
});

export const LOW_FINDING: Finding = {
  ...{ id: 'CVE-2026-0009', severity: 'low', fix: 'not-fixed', fixedIn: [], locations: [], aliases: [] },
  package: { name: 'base-files', version: '12.4', type: 'deb' },
};

const IN_GO = {
  ...match('GO-2026-0001'),
  artifact: { name: 'golang.org/x/text', version: 'v0.3.7', type: 'go-module' },
};

export interface Published {
  readonly registry: Registry;
  readonly target: Target;
  readonly repository: string;
}

const databaseIn = (at: string) => ({
  folder: at,
  built: new Date(),
  checksum: digestOf('archive'),
  source: 'https://grype.example',
});

/** How an image was published. */
export interface Publication {
  /** Digest of the policy under which it was admitted. Default: that of the rescan. */
  readonly policyDigest?: Digest;
  /** The repository that its verdict names. Default: its own. */
  readonly destination?: Repository;
  readonly layer?: Buffer;
  /** Policies of the live image with which it was compared, which has CVE-2026-0001. Default: it was not compared. */
  readonly comparedUnder?: readonly Digest[];
  /** The repository of that live image. Default: its own. */
  readonly comparedIn?: string;
}

/** Cataloged, scanned, judged, signed and pushed with its tag, as a release does it. */
export async function released(by: Identity | 'nobody' = release, how: Publication = {}): Promise<Published> {
  count += 1;
  return shippedBy(by, `rescan/app-${count}`, {}, how);
}

/** The same commit again, in another run: the same image with documents of another time. */
export async function rerun({ repository }: Published, world: World = {}, by: Identity = release): Promise<Published> {
  return shippedBy(by, repository, world);
}

async function shippedBy(
  by: Identity | 'nobody',
  repository: string,
  world: World = {},
  { policyDigest = DOCUMENT.digest, destination, layer, comparedUnder, comparedIn }: Publication = {},
): Promise<Published> {
  const path = await mkdtemp(join(folder, 'layout-'));
  const target = await layoutOf(testImage(repository, layer), join(path, 'layout'));
  const { services } = await worldOf(world);
  const of = { outputDir: join(folder, 'sbom'), name: 'app' };
  await sbom(target, of, services);
  await scan(target, { policy: POLICY, database: databaseIn(folder), reportDir: join(folder, 'scan') }, services);
  for (const one of manifestsOf(target.image)) {
    const when = { builderId: 'https://example.org/build', startedOn: new Date(), finishedOn: new Date() };
    const run = { ...when, invocationId: randomUUID() };
    await attachStatement(target, one, provenanceStatement([{ digest: one.digest }], BUILDKIT, run));
  }
  for (const { descriptor } of comparedUnder ? target.image.platforms : []) {
    const live = [
      {
        repository: comparedIn ?? `${server.host}/${repository}`,
        tag: '1',
        digest: digestOf('live'),
        policies: comparedUnder ?? [],
      },
    ];
    const findings = [{ id: 'CVE-2026-0001', type: 'deb', name: 'base-files', severity: 'high' as const }];
    const compared = { live, signer: by === 'nobody' ? by : by.signer.identity, findings };
    await attachStatement(target, descriptor, baselineStatement(descriptor.digest, compared));
  }
  const evidence = await readEvidence(target, TRUST_NONE);
  const passed = { verdict: { passed: true, rules: [], decidedOn: services.clock() }, evidence };
  const registry = new Registry(parseReference(`${server.host}/${repository}`), {});
  const verifier = { id: 'https://example.org/gate' };
  await recordVerdict(target, passed, { policyDigest, verifier, destinations: [destination ?? registry] });
  let own: Awaited<ReturnType<typeof readOwnAt>> = [];
  if (by !== 'nobody') {
    const onStatements = async () => {
      own = await readOwnAt([registry], target.image, by.trust, services);
      await reuseOwn(target, own, [registry], { policy: POLICY, proven: undefined }, services);
    };
    await sign(target, { signer: by.signer, witnesses: [], trust: by.trust, onStatements }, services);
  }
  await published(target, registry, by === 'nobody' ? { publicKeys: [] } : by.trust);
  await removeSuperseded(target, registry, { facts: own[0]?.facts ?? [], keep: world.keep ?? 0 }, services);
  await registry.moveTag(target.image.root, '1.2.3');
  await rm(services.temp, { recursive: true, force: true });
  return { registry, target, repository };
}

async function layoutOf(image: TestImage, path: string): Promise<Target> {
  await ImageLayout.create(path);
  for (const [file, bytes] of image.files) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), bytes);
  }
  return openTarget(path);
}

export interface Again {
  readonly scanned: Rescanned;
  readonly run: Started;
  readonly attached: number;
  /** Paths of the requests that it made. */
  readonly asked: readonly string[];
}

export async function again(
  { registry }: Pick<Published, 'registry'>,
  world: World,
  trusts: readonly Trust[],
  by?: Identity | 'nobody',
  policy: Policy = POLICY,
  sources: typeof DOCUMENT.sources = DOCUMENT.sources,
): Promise<Again> {
  const run = await worldOf(world);
  const from = server.requests.length;
  const scanned = await rescan(
    registry,
    await registry.resolve('1.2.3'),
    {
      ...{ trusts, policy, policyDigest: policyDocument({ ...EFFECTIVE, policy }).digest, sources },
      ...{ database: databaseIn(folder), name: 'app', verifier: { id: 'https://example.org/watch' } },
      layout: join(run.services.temp, 'layout'),
      sbomDir: join(run.services.temp, 'sbom'),
      reportDir: join(run.services.temp, 'scan'),
    },
    run.services,
  );
  const signing = by && by !== 'nobody' ? { signer: by.signer, witnesses: [], trust: by.trust } : undefined;
  const { keep = 0 } = world;
  const facts = by && by !== 'nobody' ? (scanned.facts[trusts.indexOf(by.trust)] ?? []) : [];
  const attached = by ? await attachRescan(scanned, registry, signing, run.services, { facts, keep }) : 0;
  await rm(run.services.temp, { recursive: true, force: true });
  return { scanned, run, attached, asked: server.requests.slice(from).map(({ method, url }) => `${method} ${url}`) };
}

/** By predicate type: how many signed statements stand beside the image and its platforms. */
export async function beside({ registry, target }: Published): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { digest } of manifestsOf(target.image)) {
    for (const { annotations = {} } of await registry.referrers(digest)) {
      const type = annotations['dev.sigstore.bundle.predicateType'] ?? annotations['in-toto.io/predicate-type'] ?? '';
      counts[type] = (counts[type] ?? 0) + 1;
    }
  }
  return counts;
}

export async function admitted({ registry, target }: Published, trust: Trust): Promise<boolean> {
  const expectations = { require: REQUIRED_BY_DEFAULT, scope: 'every', policy: POLICY } as const;
  const root = await registry.resolve(target.image.root.digest);
  return (await verifyImage(registry, root, { trust, expectations }, silentServices())).passed;
}
