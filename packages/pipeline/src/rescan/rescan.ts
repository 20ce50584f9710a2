import type { Trust, VerdictOptions } from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  decide,
  type Finding,
  formatExactPlatform,
  type Image,
  MANIFEST_LIMIT,
  manifestsOf,
  type PlatformImage,
  type Policy,
  type ScanEvidence,
  type Verdict,
  type VerdictEvidence,
} from '@tidegate/core';
import {
  contentOfBytes,
  copyBlobs,
  copyManifests,
  ImageLayout,
  type Registry,
  readImage,
  readManifest,
} from '@tidegate/oci';
import type { Database } from '../database/database.ts';
import { type Published, readPublished } from '../evidence/published-facts.ts';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { platformFacts } from '../policy/facts.ts';
import { type Judged, recordVerdict } from '../policy/gate.ts';
import { catalogue, keepSbom, type PlatformSbom } from '../sbom/sbom.ts';
import { type PlatformScan, scanOf } from '../scan/scan.ts';
import type { Services } from '../services.ts';
import { type Target, targetOf } from '../target.ts';

export interface RescanOptions {
  /**
   * Trust for published SBOMs and provenance: at least one must verify them. If empty, every platform is fetched and
   * catalogued again.
   */
  readonly trusts: readonly Trust[];
  readonly policy: Policy;
  readonly policyDigest: Digest;
  readonly database: Database;
  /** Folder for a layout, which must not exist: it gets manifests, and layers only if they have to be catalogued. */
  readonly layout: string;
  readonly sbomDir: string;
  readonly reportDir: string;
  /** Name of the image in SBOMs. */
  readonly name: string;
  readonly verifier: VerdictOptions['verifier'];
}

export interface Rescanned {
  readonly target: Target;
  readonly scans: readonly PlatformScan[];
  /** New SBOMs of the platforms without a usable published SBOM. */
  readonly sboms: readonly PlatformSbom[];
  readonly verdict: Verdict;
  /** The newest scan of each platform that a trusted signer has published before. */
  readonly before: ReadonlyMap<Digest, ScanEvidence>;
  /** The newest verdict on the image that a trusted signer has published before. */
  readonly verdictBefore?: VerdictEvidence | undefined;
  /** Every platform had an SBOM from a trusted signer. */
  readonly listed: boolean;
}

/**
 * Scan a published image with current data. An SBOM from a trusted signer is scanned as it is, without the layers. If
 * it is missing or not reliable, the image is fetched and catalogued. The verdict covers what can change for a fixed
 * digest: vulnerabilities, licences, packages, age. The contents of the layers were checked before the image was
 * published.
 * @throws TidegateError if the image cannot be read or scanned. A failed verdict is a result, not an error.
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
  // For reports.
  target.evidence.addCompared(published.baselines);
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
        target.evidence.addStated(one.descriptor.digest, known.evidence.document, [known.evidence]);
        scans.push(scanned);
        continue;
      }
      services.log.info(`${platform}: the image itself is read to check which advisories about Go code apply.`);
    }
    await fetchLayers(registry, target, one, services);
    const made = await catalogue(target, one, { outputDir: options.sbomDir, name: options.name }, services);
    sboms.push(await keepSbom(target, one, made, services, known ? 'scanned' : 'all'));
    scans.push(await scanOf(target, one, options, services));
  }
  const judged = await judgePublished(target, registry, published, options.policy, services);
  await recordVerdict(target, judged, { ...options, destination: registry });
  return {
    ...{ target, scans, sboms, verdict: judged.verdict, before: published.scans },
    verdictBefore: published.verdict,
    listed: image.platforms.every(({ descriptor }) => published.sboms.has(descriptor.digest)),
  };
}

/**
 * Published formats do not record which Go code is linked in, so their scan reports advisories about code that is not
 * in the program. The scan misses nothing: if it finds nothing in Go packages, there is nothing.
 */
function isOfGo({ package: { type } }: Finding): boolean {
  return type === 'go-module';
}

/** Fetch manifests and configs, without layers. */
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
  return targetOf(layout, image);
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
  { sboms, provenance, baselines }: Published,
  policy: Policy,
  services: Services,
): Promise<Judged> {
  const [made, facts] = await Promise.all([readEvidence(target, TRUST_NONE), platformFacts(target, services)]);
  // Findings that were accepted at publication stay accepted; findings that became known later count.
  const evidence = [...provenance, ...baselines, ...[...sboms.values()].map((one) => one.evidence), ...made];
  const { contents: _, ...held } = policy;
  const asked: Policy = {
    ...held,
    require: ['sbom', 'scan'],
    // Other formats of a new catalogue are not published.
    ...(sboms.size > 0 ? { sbomFormats: ['cyclonedx'] } : {}),
  };
  const surroundings = { facts, destination: registry };
  return { evidence, verdict: decide(asked, target.image, evidence, services.clock(), surroundings) };
}
