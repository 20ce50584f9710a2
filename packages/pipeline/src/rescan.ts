import { type ScannableSbom, scannableSbom, type Trust, type VerdictOptions } from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  decide,
  type Evidence,
  type Finding,
  formatExactPlatform,
  hasCode,
  type Image,
  MANIFEST_LIMIT,
  manifestsOf,
  type PlatformImage,
  type Policy,
  PredicateType,
  type ScanEvidence,
  TidegateError,
  type Verdict,
  type VerdictEvidence,
} from '@tidegate/core';
import {
  contentOfBytes,
  copyBlobs,
  copyManifests,
  copyReferrers,
  ImageLayout,
  type Registry,
  readImage,
  readManifest,
} from '@tidegate/oci';
import type { DatabaseOptions } from './database.ts';
import { publishedReferrers, readEvidence, TRUST_NOBODY } from './evidence-store.ts';
import { platformFacts } from './facts.ts';
import { type Judged, recordVerdict } from './gate.ts';
import { catalogue, keepSbom, type PlatformSbom } from './sbom.ts';
import { type PlatformScan, scanOf } from './scan.ts';
import type { Services } from './services.ts';
import { type SignOptions, sign } from './sign.ts';
import { SignedContents } from './signed-contents.ts';
import type { Target } from './target.ts';
import { verifyPublished } from './verify.ts';
import { type Keep, signedFacts } from './verify-evidence.ts';

export interface RescanOptions {
  /** Whose SBOM and provenance count: what one of them verifies. Nobody's: every platform is fetched and catalogued anew. */
  readonly trusts: readonly Trust[];
  readonly policy: Policy;
  readonly database: DatabaseOptions;
  /** Folder for a layout that is not there yet: manifests, and layers only where they have to be catalogued. */
  readonly layout: string;
  readonly sbomDir: string;
  readonly reportDir: string;
  /** What SBOMs call the image. */
  readonly name: string;
  readonly verifier: VerdictOptions['verifier'];
}

export interface Rescanned {
  readonly target: Target;
  readonly scans: readonly PlatformScan[];
  /** Of the platforms that had no SBOM to go by. */
  readonly sboms: readonly PlatformSbom[];
  readonly verdict: Verdict;
  /** The newest scan of each platform that somebody trusted has published before. */
  readonly before: ReadonlyMap<Digest, ScanEvidence>;
  /** The newest verdict on the image that somebody trusted has published before. */
  readonly verdictBefore?: VerdictEvidence;
  /** Every platform had an SBOM that somebody trusted has signed. */
  readonly listed: boolean;
}

/**
 * Scan what is published, where it lies, by what is known today. An SBOM that somebody trusted has signed is scanned as
 * it is, without its layers; without one, and where it leaves a doubt, the image is fetched and catalogued. The verdict is about what can change under a
 * digest that cannot: vulnerabilities, licences, packages, age. What lies in the layers was asked before it was published.
 * @throws TidegateError where the image cannot be read or scanned. A verdict that does not pass is a result.
 */
export async function rescan(
  registry: Registry,
  root: Descriptor,
  options: RescanOptions,
  services: Services,
): Promise<Rescanned> {
  const { signal } = services;
  const image = await readImage(registry, root, { signal });
  const published = await readPublished(registry, image, options.trusts, services);
  const target = await fetchTarget(registry, image, options.layout, services);
  const sboms: PlatformSbom[] = [];
  const scans: PlatformScan[] = [];
  for (const one of image.platforms) {
    const known = published.sboms.get(one.descriptor.digest);
    if (known) {
      const platform = formatExactPlatform(one.platform);
      services.log.info(`${platform}: its signed SBOM lists ${counted(known.evidence.packages, 'package')}.`);
      const scanned = await scanOf(target, one, { ...options, published: published.sboms }, services);
      if (!scanned.evidence.findings.some(isOfGo)) {
        // For reports: they show the packages.
        target.known.set(`${one.descriptor.digest} ${known.evidence.document}`, [known.evidence]);
        scans.push(scanned);
        continue;
      }
      services.log.info(`${platform}: whether advisories about Go code apply is asked of the image itself.`);
    }
    await fetchLayers(registry, target, one, services);
    const made = await catalogue(target, one, { outputDir: options.sbomDir, name: options.name }, services);
    sboms.push(await keepSbom(target, one, made, services, known ? 'scanned' : 'all'));
    scans.push(await scanOf(target, one, options, services));
  }
  const judged = await judgePublished(target, registry, published, options.policy, services);
  await recordVerdict(target, options.policy, judged, options.verifier);
  return {
    ...{ target, scans, sboms, verdict: judged.verdict, before: published.scans },
    ...(published.verdict ? { verdictBefore: published.verdict } : {}),
    listed: image.platforms.every(({ descriptor }) => published.sboms.has(descriptor.digest)),
  };
}

/**
 * Published formats do not say which Go code is linked in, so a scan of them reports advisories about code that is not
 * there. None is missing: where it finds nothing in Go, nothing is there.
 */
function isOfGo({ package: { type } }: Finding): boolean {
  return type === 'go-module';
}

interface Published {
  readonly sboms: ReadonlyMap<Digest, ScannableSbom>;
  readonly scans: ReadonlyMap<Digest, ScanEvidence>;
  readonly provenance: readonly Evidence[];
  /** Of the root. */
  readonly verdict?: VerdictEvidence;
}

/** What trusted signers have said of the image. What does not verify is as if it were not there. */
async function readPublished(
  registry: Registry,
  image: Image,
  trusts: readonly Trust[],
  { log, signal }: Services,
): Promise<Published> {
  const contents = new SignedContents(registry, signal);
  const sboms = new Map<Digest, ScannableSbom>();
  const scans = new Map<Digest, ScanEvidence>();
  const provenance = new Map<string, Evidence>();
  let verdict: VerdictEvidence | undefined;
  for (const { digest } of manifestsOf(image)) {
    const found = new Map<Digest, ScannableSbom>();
    for (const trust of trusts) {
      const keep: Keep = (subject, predicateType, statement) => {
        const sbom = predicateType === PredicateType.cyclonedx ? readable(statement, subject) : undefined;
        if (sbom) found.set(sbom.evidence.document, sbom);
      };
      const facts = await signedFacts(registry, digest, trust, signal, { contents, keep });
      for (const { where, why } of facts.refused) log.debug(`${where} counts for nothing: ${why}`);
      for (const { evidence } of facts.verified) {
        if (evidence?.kind === 'provenance') provenance.set(`${digest} ${evidence.statement}`, evidence);
        if (evidence?.kind === 'verdict' && digest === image.root.digest) {
          if (!verdict || verdict.decidedOn < evidence.decidedOn) verdict = evidence;
        }
        if (evidence?.kind !== 'scan') continue;
        const newest = scans.get(digest);
        if (!newest || newest.finishedOn < evidence.finishedOn) scans.set(digest, evidence);
      }
    }
    const [only, ...others] = found.values();
    // Of two that differ nobody can tell which is right.
    if (only && others.length === 0) sboms.set(digest, only);
  }
  return { sboms, scans, provenance: [...provenance.values()], ...(verdict ? { verdict } : {}) };
}

function readable(statement: Uint8Array, subject: Digest): ScannableSbom | undefined {
  try {
    return scannableSbom(statement, subject);
  } catch (error) {
    if (hasCode(error, 'evidence', 'integrity')) return undefined;
    throw error;
  }
}

/** Manifests and configs. */
async function fetchTarget(registry: Registry, image: Image, folder: string, { signal }: Services): Promise<Target> {
  const layout = await ImageLayout.create(folder);
  for (const { descriptor } of image.platforms) {
    const manifest = await readManifest(registry, descriptor, { signal });
    if (manifest.kind !== 'manifest') continue;
    const { config } = manifest;
    const bytes = await registry.fetchBytes(config, { signal, limit: MANIFEST_LIMIT });
    await layout.push(config, contentOfBytes(bytes), { signal });
  }
  await copyManifests(registry, layout, manifestsOf(image), { signal });
  await layout.add(image.root);
  return { layout, image, known: new Map(), written: new Map() };
}

async function fetchLayers(
  registry: Registry,
  { layout }: Target,
  { descriptor, platform }: PlatformImage,
  { progress, signal }: Services,
): Promise<void> {
  const bar = progress.start(`Layers of ${formatExactPlatform(platform)} from ${registry.name}`);
  try {
    await copyBlobs(registry, layout, [descriptor], { signal, onBytes: (bytes) => bar.advance(bytes) });
  } finally {
    bar.done();
  }
}

async function judgePublished(
  target: Target,
  registry: Registry,
  { sboms, provenance }: Published,
  policy: Policy,
  services: Services,
): Promise<Judged> {
  const [made, facts] = await Promise.all([readEvidence(target, TRUST_NOBODY), platformFacts(target, services)]);
  const evidence = [...provenance, ...[...sboms.values()].map((one) => one.evidence), ...made];
  const { contents: _, ...held } = policy;
  const asked: Policy = {
    ...held,
    require: ['sbom', 'scan'],
    // What a catalogue made here has besides is not published.
    ...(sboms.size > 0 ? { sbomFormats: ['cyclonedx'] } : {}),
  };
  const surroundings = { facts, destination: registry };
  return { evidence, verdict: decide(asked, target.image, evidence, services.clock(), surroundings) };
}

/**
 * Whether what was found is worth attaching: a verdict or findings that differ from the newest that are there, an SBOM
 * that was missing, or a scan whose age others may mind. Without this a nightly rescan leaves hundreds of pieces a year that
 * say the same, and whoever verifies the image has to read them.
 * @param after how old the newest scan may be, in milliseconds
 */
export function saysMore(
  { before, listed, scans, verdict, verdictBefore }: Omit<Rescanned, 'target' | 'sboms'>,
  after: number,
  now: Date,
): boolean {
  if (!listed || verdictBefore?.passed !== verdict.passed) return true;
  return scans.some(({ evidence }) => {
    const last = before.get(evidence.subject);
    // Written so that a date that is none is old.
    if (!last || !(now.getTime() - last.finishedOn.getTime() <= after)) return true;
    return keysOf(last.findings) !== keysOf(evidence.findings);
  });
}

function keysOf(findings: readonly Finding[]): string {
  const keys = findings.map(({ id, severity, fix, fixedIn, package: { name, type, version } }) =>
    JSON.stringify([id, severity, fix, fixedIn, type, name, version]),
  );
  return keys.toSorted().join('\n');
}

/** What unsigned evidence is worth attaching: nobody could tell an SBOM by its signer, and each run would leave another. */
const UNSIGNED: ReadonlySet<string> = new Set([PredicateType.scan, PredicateType.verdict]);

/**
 * Attach what a rescan found to the published image, signed or not, and read it back. It stands beside what is there:
 * the newest scan and verdict are those that count. Tags are not touched, and the image is not signed again.
 * @returns how many pieces of evidence the image has gained
 */
export async function attachRescan(
  { target }: Pick<Rescanned, 'target'>,
  registry: Registry,
  signing: SignOptions | undefined,
  services: Services,
): Promise<number> {
  if (signing) await sign(target, { ...signing, statementsOnly: true }, services);
  const all = (await publishedReferrers(target)).flatMap((one) => one.referrers);
  const referrers = signing
    ? all
    : all.filter(({ annotations }) => UNSIGNED.has(annotations?.['in-toto.io/predicate-type'] ?? ''));
  const wanted = new Set(referrers.map(({ digest }) => digest));
  const { signal } = services;
  for (const { digest } of manifestsOf(target.image)) {
    await copyReferrers(target.layout, registry, digest, { signal, filter: (one) => wanted.has(one.digest) });
  }
  await verifyPublished(target, registry, referrers, signing?.trust ?? TRUST_NOBODY, services);
  return referrers.length;
}

/** @throws TidegateError `gate` naming every rule that failed and why. */
export function assertStillOpen(verdict: Verdict, name: string): void {
  if (verdict.passed) return;
  const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail');
  throw new TidegateError(
    'gate',
    `${name} is published and does not pass any more. ${failed.map(({ rule, why }) => `${rule}: ${why}`).join(' ')}`,
    { next: 'Mend what is named, and build and publish the image again. Its tags were left where they are.' },
  );
}
