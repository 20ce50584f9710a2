/** An image that is published and scanned again, in a world that the test makes up. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import { keySigner, parsePublicKey, provenanceStatement, type Signer, type Trust } from '@tidegate/attest';
import {
  digestOf,
  effectivePolicy,
  type Finding,
  manifestsOf,
  type Policy,
  parseReference,
  policyDocument,
  REQUIRABLE,
} from '@tidegate/core';
import { ImageLayout, Registry } from '@tidegate/oci';
import {
  attachRescan,
  attachStatement,
  openTarget,
  type Rescanned,
  recordVerdict,
  rescan,
  type Services,
  sbom,
  scan,
  sign,
  type Target,
  verifyImage,
} from '@tidegate/pipeline';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
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

export async function prepare(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-rescan-'));
  server = await startRegistry();
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

const DOCUMENT = policyDocument(effectivePolicy({ version: 1, preset: 'strict' }));
export const POLICY: Policy = DOCUMENT.policy;
export const SOON = Date.now() + 3_600_000;

/** What the world knows of the image at the time of a scan. */
export interface World {
  /** Advisories about base-files. */
  readonly advisories?: readonly string[];
  /** Advisories about Go code: whether the image's own catalogue, with its symbols, shows them too. */
  readonly go?: 'linked in' | 'not linked in';
  readonly now?: Date;
}

interface Started {
  readonly services: Services;
  /** Programs, in the order in which they were started. */
  readonly programs: string[];
  /** What Grype was given. */
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
      // What it is to read has to be there, or Syft would have nothing to read.
      expect(await readFile(join(cwd, 'index.json'), 'utf8')).toContain(digest);
      const output = (kind: string) => argv.find((word) => word.startsWith(kind))?.replace(/^[^/]*=/, '') ?? '';
      await write(output('syft-json='), syftOf(digest));
      await write(output('spdx-json@2.3='), spdxOf(digest));
      await write(output('cyclonedx-json@1.6='), cyclonedxOf(digest));
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

/** Catalogued, scanned, judged, signed and pushed with its tag, as a release does it. */
export async function released(by: Identity | 'nobody' = release): Promise<Published> {
  count += 1;
  const repository = `rescan/app-${count}`;
  const target = await layoutOf(testImage(repository), join(folder, `layout-${count}`));
  const { services } = await worldOf();
  const of = { outputDir: join(folder, 'sbom'), name: 'app' };
  await sbom(target, of, services);
  await scan(target, { policy: POLICY, database: databaseIn(folder), reportDir: join(folder, 'scan') }, services);
  for (const one of manifestsOf(target.image)) {
    const when = { builderId: 'https://example.org/build', startedOn: new Date(), finishedOn: new Date() };
    await attachStatement(target, one, provenanceStatement([{ digest: one.digest }], BUILDKIT, when));
  }
  const passed = { verdict: { passed: true, rules: [], decidedOn: new Date() }, evidence: [] };
  const registry = new Registry(parseReference(`${server.host}/${repository}`), {});
  const verifier = { id: 'https://example.org/gate' };
  await recordVerdict(target, passed, { policyDigest: DOCUMENT.digest, verifier, destination: registry });
  if (by !== 'nobody') await sign(target, { signer: by.signer, witnesses: [], trust: by.trust }, services);
  await published(target, registry, by === 'nobody' ? { publicKeys: [] } : by.trust);
  await registry.tag(target.image.root, '1.2.3');
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
): Promise<Again> {
  const run = await worldOf(world);
  const from = server.requests.length;
  const scanned = await rescan(
    registry,
    await registry.resolve('1.2.3'),
    {
      ...{ trusts, policy, policyDigest: policyDocument({ ...DOCUMENT, policy }).digest },
      ...{ database: databaseIn(folder), name: 'app', verifier: { id: 'https://example.org/watch' } },
      layout: join(run.services.temp, 'layout'),
      sbomDir: join(run.services.temp, 'sbom'),
      reportDir: join(run.services.temp, 'scan'),
    },
    run.services,
  );
  const signing = by && by !== 'nobody' ? { signer: by.signer, witnesses: [], trust: by.trust } : undefined;
  const attached = by ? await attachRescan(scanned, registry, signing, run.services) : 0;
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
  const expectations = { require: REQUIRABLE, scope: 'every', policy: POLICY } as const;
  const root = await registry.resolve(target.image.root.digest);
  return (await verifyImage(registry, root, { trust, expectations }, silentServices())).passed;
}
