/**
 * An image that is published, scanned again later: what is fetched, what is believed, what is left beside it. The
 * registry is real HTTP; Syft and Grype say what they are told to, so that the world can change between two scans.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  cyclonedxStatement,
  keySigner,
  makeBundle,
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
  PredicateType,
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
  saysMore,
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
import { attach } from '../interop/support/signed-image.ts';
import { silentServices } from '../support/silent.ts';
import { cyclonedxOf, reportOf, spdxOf, syftOf, type TestImage, testImage } from '../tool-failures/image.ts';

interface Identity {
  readonly signer: Signer;
  readonly trust: Trust;
}

let folder = '';
let server: RegistryServer;
let release: Identity;
let watch: Identity;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-rescan-'));
  server = await startRegistry();
  [release, watch] = await Promise.all([identity(), identity()]);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function identity(): Promise<Identity> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => String(key.export({ type, format: 'pem' }));
  return {
    signer: await keySigner(pem(privateKey, 'pkcs8')),
    trust: { publicKeys: [parsePublicKey(pem(publicKey, 'spki'))] },
  };
}

const DOCUMENT = policyDocument(effectivePolicy({ version: 1, preset: 'strict' }));
const POLICY: Policy = DOCUMENT.policy;
const SOON = Date.now() + 3_600_000;

/** What the world knows of the image at the time of a scan. */
interface World {
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

const LOW_FINDING: Finding = {
  ...{ id: 'CVE-2026-0009', severity: 'low', fix: 'not-fixed', fixedIn: [], locations: [], aliases: [] },
  package: { name: 'base-files', version: '12.4', type: 'deb' },
};

const IN_GO = {
  ...match('GO-2026-0001'),
  artifact: { name: 'golang.org/x/text', version: 'v0.3.7', type: 'go-module' },
};

interface Published {
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
async function released(by: Identity | 'nobody' = release): Promise<Published> {
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

interface Again {
  readonly scanned: Rescanned;
  readonly run: Started;
  readonly attached: number;
  /** Paths of the requests that it made. */
  readonly asked: readonly string[];
}

async function again(
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
async function beside({ registry, target }: Published): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { digest } of manifestsOf(target.image)) {
    for (const { annotations = {} } of await registry.referrers(digest)) {
      const type = annotations['dev.sigstore.bundle.predicateType'] ?? annotations['in-toto.io/predicate-type'] ?? '';
      counts[type] = (counts[type] ?? 0) + 1;
    }
  }
  return counts;
}

async function admitted({ registry, target }: Published, trust: Trust): Promise<boolean> {
  const expectations = { require: REQUIRABLE, scope: 'every', policy: POLICY } as const;
  const root = await registry.resolve(target.image.root.digest);
  return (await verifyImage(registry, root, { trust, expectations }, silentServices())).passed;
}

const LAYER = digestOf(Buffer.alloc(1024));

describe('an image whose SBOM somebody trusted has signed', () => {
  let image: Published;
  let found: Again;
  let before: Record<string, number>;
  beforeAll(async () => {
    image = await released();
    before = await beside(image);
    found = await again(image, {}, [release.trust], release);
  });

  test('is scanned by that SBOM: no layer is fetched, and nothing is catalogued', () => {
    expect(found.run.programs).toEqual(['grype', 'grype']);
    expect(found.run.scanned.map(({ bomFormat }) => bomFormat)).toEqual(['CycloneDX', 'CycloneDX']);
    expect(found.asked.filter((request) => request.includes(LAYER))).toEqual([]);
  });

  test('passes, and each rule says on what', () => {
    const { verdict } = found.scanned;
    expect(verdict.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(verdict.passed).toBe(true);
    expect(verdict.rules.find(({ rule }) => rule === 'scan-of-this-sbom')).toMatchObject({ outcome: 'pass' });
  });

  test('gains a scan of each platform and a verdict of each and of the index, signed, and nothing else', async () => {
    expect(found.attached).toBe(5);
    expect(await beside(image)).toEqual({
      ...before,
      [PredicateType.scan]: (before[PredicateType.scan] ?? 0) + 2,
      [PredicateType.verdict]: (before[PredicateType.verdict] ?? 0) + 3,
    });
    expect(await admitted(image, release.trust)).toBe(true);
    expect(server.tags(image.repository)).toEqual(new Map([['1.2.3', image.target.image.root.digest]]));
  });

  test('is compared with the newest scan before', () => {
    const platforms = image.target.image.platforms.map(({ descriptor }) => descriptor.digest);
    expect([...found.scanned.before.keys()]).toEqual(platforms);
  });
});

describe('when an advisory comes out', () => {
  test('the published image does not pass, and whoever verifies it from then on is told', async () => {
    const image = await released();
    expect(await admitted(image, release.trust)).toBe(true);
    const { scanned } = await again(image, { advisories: ['CVE-2026-0001'] }, [release.trust], release);
    expect(scanned.verdict.passed).toBe(false);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual([
      'severity-threshold',
      'severity-threshold',
    ]);
    expect(await admitted(image, release.trust)).toBe(false);
    expect(server.tags(image.repository)).toEqual(new Map([['1.2.3', image.target.image.root.digest]]));
  });

  test('and is mended by a VEX statement or a new database: the newest scan counts', async () => {
    const image = await released();
    await again(image, { advisories: ['CVE-2026-0001'] }, [release.trust], release);
    await again(image, { now: new Date(SOON) }, [release.trust], release);
    const later = { ...silentServices(), clock: () => new Date(SOON) };
    const expectations = { require: REQUIRABLE, scope: 'every', policy: POLICY } as const;
    const { passed } = await verifyImage(
      image.registry,
      image.target.image.root,
      { trust: release.trust, expectations },
      later,
    );
    expect(passed).toBe(true);
  });

  test('packages that the policy denies, and licences, are looked for in the published SBOM', async () => {
    const image = await released();
    const denied = { ...POLICY, deniedPackages: ['pkg:deb/debian/base-files'] };
    const { scanned } = await again(image, {}, [release.trust], undefined, denied);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual([
      'packages-denied',
      'packages-denied',
    ]);
  });
});

describe('an SBOM that nobody trusted has signed is not believed:', () => {
  const cataloguing = ['syft', 'grype', 'syft', 'grype'];

  test('nobody is trusted', async () => {
    const image = await released();
    const { run, asked, scanned } = await again(image, {}, []);
    expect(run.programs).toEqual(cataloguing);
    expect(run.scanned.map(({ descriptor }) => descriptor?.name)).toEqual(['syft', 'syft']);
    expect(asked.some((request) => request.includes(LAYER))).toBe(true);
    expect(scanned.verdict.passed).toBe(true);
  });

  test('it was never signed', async () => {
    const { run } = await again(await released('nobody'), {}, [release.trust]);
    expect(run.programs).toEqual(cataloguing);
  });

  test('somebody else signed it', async () => {
    const { run } = await again(await released(watch), {}, [release.trust]);
    expect(run.programs).toEqual(cataloguing);
  });

  const spoil = async (image: Published, document: (digest: Digest) => object, by: Identity) => {
    for (const { descriptor } of image.target.image.platforms) {
      const bytes = Buffer.from(JSON.stringify(document(descriptor.digest)));
      const statement = cyclonedxStatement([{ digest: descriptor.digest }], bytes);
      await attach(
        image.registry,
        descriptor,
        await makeBundle(statement.bytes, by.signer, []),
        PredicateType.cyclonedx,
      );
    }
  };

  test('there are two that differ, and nobody can tell which is right', async () => {
    const image = await released();
    await spoil(image, (digest) => ({ ...cyclonedxOf(digest), components: [] }), release);
    const { run } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(cataloguing);
  });

  test('it says itself that it is of something else', async () => {
    const image = await released('nobody');
    await spoil(image, () => cyclonedxOf(digestOf('another image')), release);
    const { run } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(cataloguing);
  });

  test('an empty one by a stranger changes nothing', async () => {
    const image = await released();
    await spoil(image, (digest) => ({ ...cyclonedxOf(digest), components: [] }), watch);
    const { run, scanned } = await again(image, {}, [release.trust]);
    expect(run.programs).toEqual(['grype', 'grype']);
    expect(scanned.verdict.passed).toBe(true);
  });
});

describe('advisories about Go code', () => {
  test('that is not linked in are none: the image itself is asked, and nothing is attached a second time', async () => {
    const image = await released();
    const before = await beside(image);
    const { asked, run, scanned } = await again(image, { go: 'not linked in' }, [release.trust], release);
    expect(run.programs).toEqual(['grype', 'syft', 'grype', 'grype', 'syft', 'grype']);
    expect(asked.some((request) => request.includes(LAYER))).toBe(true);
    expect(scanned.scans.flatMap(({ evidence }) => evidence.findings)).toEqual([]);
    expect(scanned.verdict.rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(await beside(image)).toMatchObject({
      [PredicateType.spdx]: before[PredicateType.spdx],
      [PredicateType.scan]: (before[PredicateType.scan] ?? 0) + 2,
    });
    expect(await admitted(image, release.trust)).toBe(true);
  });

  test('that is linked in count', async () => {
    const image = await released();
    const { scanned } = await again(image, { go: 'linked in' }, [release.trust], release);
    expect(scanned.verdict.passed).toBe(false);
    expect(await admitted(image, release.trust)).toBe(false);
  });
});

describe('on a schedule', () => {
  test('what was catalogued once is signed and read the next time', async () => {
    const image = await released('nobody');
    const first = await again(image, {}, [watch.trust], watch);
    expect(first.run.programs).toContain('syft');
    expect(await beside(image)).toMatchObject({ [PredicateType.spdx]: 4, [PredicateType.cyclonedx]: 4 });
    const second = await again(image, {}, [watch.trust], watch);
    expect(second.run.programs).toEqual(['grype', 'grype']);
    expect(second.attached).toBe(5);
    expect(await beside(image)).toMatchObject({ [PredicateType.spdx]: 4, [PredicateType.cyclonedx]: 4 });
  });

  test('what says the same is worth attaching once the last scan is old; what says something else always', async () => {
    const DAY = 86_400_000;
    const image = await released();
    const worth = async (world: World, trusts: readonly Trust[] = [release.trust], after = 3 * DAY) => {
      const { scanned } = await again(image, world, trusts);
      return saysMore(scanned, after, world.now ?? new Date());
    };
    expect(await worth({})).toBe(false);
    expect(await worth({ now: new Date(Date.now() + 4 * DAY) })).toBe(true);
    expect(await worth({}, [release.trust], 0)).toBe(true);
    // Severe enough to shut the gate, or not.
    expect(await worth({ advisories: ['CVE-2026-0001'] })).toBe(true);
    // Whose word nobody takes has said nothing.
    expect(await worth({}, [watch.trust])).toBe(true);
    const { scanned } = await again(image, {}, [release.trust]);
    const [first] = scanned.scans;
    if (!first) throw new Error('there is no scan');
    const low = { ...LOW_FINDING, locations: [] };
    const changed = { ...first, evidence: { ...first.evidence, findings: [low] } };
    expect(saysMore({ ...scanned, scans: [changed] }, 3 * DAY, new Date())).toBe(true);
    const undated = new Map(
      [...scanned.before].map(([key, one]) => [key, { ...one, finishedOn: new Date(Number.NaN) }]),
    );
    expect(saysMore({ ...scanned, before: undated }, 3 * DAY, new Date())).toBe(true);
  });

  test('unsigned evidence is a scan and a verdict, and no SBOM again and again', async () => {
    const image = await released('nobody');
    const before = await beside(image);
    const { attached } = await again(image, {}, [], 'nobody');
    expect(attached).toBe(5);
    expect(await beside(image)).toMatchObject({
      [PredicateType.spdx]: before[PredicateType.spdx],
      [PredicateType.cyclonedx]: before[PredicateType.cyclonedx],
    });
  });

  test('the image itself is never signed again', async () => {
    const image = await released();
    const before = await beside(image);
    await again(image, {}, [release.trust], watch);
    expect((await beside(image))[PredicateType.signature]).toBe(before[PredicateType.signature]);
  });

  test('looking only leaves nothing', async () => {
    const image = await released();
    const { asked } = await again(image, {}, [release.trust]);
    expect(asked.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
  });
});
