import type { ScannableSbom, Trust, VerdictOptions } from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  decide,
  type Evidence,
  formatExactPlatform,
  type Material,
  type PlatformImage,
  type Policy,
  type ScanEvidence,
  type Verdict,
  type VerdictEvidence,
} from '@tidegate/core';
import { copyBlobs, type Registry, readImage } from '@tidegate/oci';
import { type PolicySources, publishedBaseline } from '../baseline/baseline.ts';
import type { Database } from '../database/database.ts';
import { type Published, readPublished } from '../evidence/published-facts.ts';
import { readEvidence, TRUST_NONE } from '../evidence/store.ts';
import { usePublished } from '../evidence/use-published.ts';
import { platformFacts } from '../policy/facts.ts';
import { type Judged, recordVerdict } from '../policy/gate.ts';
import { contents } from '../sbom/contents.ts';
import { catalog, keepSbom, type PlatformSbom } from '../sbom/sbom.ts';
import { isOfGo } from '../scan/go-runtime.ts';
import { type PlatformScan, scanOf } from '../scan/scan.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { type Earlier, earlierOf, explained, judgedBy, notJudged } from './earlier.ts';
import { fetchTarget } from './fetch-target.ts';

export interface RescanOptions {
  /**
   * Trust for published SBOMs and provenance: at least one must verify them. If empty, every platform is fetched and
   * cataloged again.
   */
  readonly trusts: readonly Trust[];
  readonly policy: Policy;
  readonly policyDigest: Digest;
  readonly sources: PolicySources;
  readonly database: Database;
  /** Folder for a layout, which must not exist: it gets manifests, and layers only if they have to be cataloged. */
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
  /** A trusted signer has already published a passed verdict on the image under the policy that the verdict names. */
  readonly isAdmitted: boolean;
  /** The newest scan of each platform that a trusted signer has published before. */
  readonly before: ReadonlyMap<Digest, ScanEvidence>;
  /** The newest verdict on the image, for this repository, that a trusted signer has published before. */
  readonly verdictBefore?: VerdictEvidence | undefined;
  /** Every platform has an SBOM from a trusted signer, and a new one would list the same. */
  readonly listed: boolean;
  /** Statements in the layout that a trusted signer has published already. */
  readonly repeated: ReadonlySet<Digest>;
  /** Inputs of its builds, base images among them, by the provenance of trusted signers. */
  readonly materials: readonly Material[];
  /** Everything that was verified before, for each of the trusts in turn. */
  readonly facts: Published['facts'];
}

/**
 * Scan a published image with current data. An SBOM from a trusted signer is scanned as it is, without the layers. If
 * it is missing or not reliable, the image is fetched and cataloged. If the image was admitted under this very policy,
 * only what can change for a fixed digest is judged: vulnerabilities, licences, packages, age. Otherwise everything is:
 * it may have been published under a laxer policy, so the image is cataloged again and its layers are read.
 * @throws TidegateError if the image cannot be read or scanned. A failed verdict is a result, not an error.
 */
export async function rescan(
  registry: Registry,
  root: Descriptor,
  options: RescanOptions,
  services: Services,
): Promise<Rescanned> {
  const { signal } = services;
  const image = await readImage(registry, root, { signal, attestations: true });
  const published = await readPublished(registry, image, options.trusts, services);
  const earlier = earlierOf(published.facts.flat(), image, registry, options, services.clock());
  announce(earlier, services);
  const known = judgedSboms(published, earlier);
  const target = await fetchTarget(registry, image, options.layout, services);
  // For reports.
  target.evidence.addCompared(published.baselines);
  const sboms: PlatformSbom[] = [];
  const scans: PlatformScan[] = [];
  const repeated = new Set<Digest>();
  const listed = new Set(known.keys());
  for (const one of image.platforms) {
    const signed = known.get(one.descriptor.digest);
    if (signed) {
      const platform = formatExactPlatform(one.platform);
      services.log.info(`${platform}: its signed SBOM lists ${counted(signed.evidence.packages, 'package')}.`);
      const scanned = await scanOf(target, one, { ...options, published: known }, services);
      if (!scanned.evidence.findings.some(isOfGo)) {
        // For reports: they show the packages.
        target.evidence.addStated(one.descriptor.digest, signed.evidence.document, [signed.evidence]);
        scans.push(scanned);
        continue;
      }
      services.log.info(`${platform}: the image itself is read to check which advisories about Go code apply.`);
    }
    await fetchLayers(registry, target, one, services);
    const made = await catalog(target, one, { outputDir: options.sbomDir, name: options.name }, services);
    sboms.push(await keepSbom(target, one, made, services, signed ? 'scanned' : 'all'));
    if (!signed) {
      const { digests, isAll } = await usePublished(target, one.descriptor, published.statements);
      for (const digest of digests) repeated.add(digest);
      if (isAll) listed.add(one.descriptor.digest);
    }
    scans.push(await scanOf(target, one, options, services));
  }
  if (!earlier.isAdmitted && options.policy.contents) await contents(target, options.policy.contents, services);
  const omitted = notJudged(options.policy, earlier, known.size > 0);
  const judged = await judgePublished(
    target,
    registry,
    { ...published, sboms: known },
    { ...options, earlier, omitted },
    services,
  );
  const { policyDigest, isAdmitted } = earlier;
  await recordVerdict(target, judged, { ...options, policyDigest, notJudged: omitted, destinations: [registry] });
  return {
    ...{ target, scans, sboms, verdict: judged.verdict, isAdmitted, before: published.scans },
    verdictBefore: published.verdict,
    listed: image.platforms.every(({ descriptor }) => listed.has(descriptor.digest)),
    ...{ repeated, facts: published.facts },
    materials: published.provenance.flatMap((one) => (one.kind === 'provenance' ? (one.materials ?? []) : [])),
  };
}

/** An SBOM counts only if it was judged: a run under a laxer policy may have attached another one, of its own program. */
function judgedSboms({ sboms }: Published, { isAdmitted, judged }: Earlier): ReadonlyMap<Digest, ScannableSbom> {
  if (!isAdmitted) return new Map();
  return new Map([...sboms].filter(([, { evidence }]) => evidence.statement && judged.has(evidence.statement)));
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

function announce({ isAdmitted, missing }: Earlier, { log }: Services): void {
  if (!isAdmitted) {
    log.info(
      'No trusted signer has published a passed verdict on this image under this policy, so the image is cataloged again and its layers are judged.',
    );
  }
  if (missing.length > 0) {
    log.info(
      `Not judged, because no trusted signer has published it: ${missing.join(', ')}. The verdict does not name the full policy. If another signer published the image, name it with workflow, certificate-identity or verification-key.`,
    );
  }
}

interface Judging extends Pick<RescanOptions, 'policy' | 'policyDigest' | 'sources'> {
  readonly earlier: Earlier;
  /** Parts of the policy that are not judged. */
  readonly omitted: readonly string[];
}

/** Evidence that a rescan neither makes nor reads in another place. */
const OTHERS: ReadonlySet<Evidence['kind']> = new Set(['tests', 'reproduced', 'predicate'] as const);

async function judgePublished(
  target: Target,
  registry: Registry,
  { sboms, provenance, baselines, facts: published }: Published,
  { policy, policyDigest, sources, earlier, omitted }: Judging,
  services: Services,
): Promise<Judged> {
  const [made, facts] = await Promise.all([readEvidence(target, TRUST_NONE), platformFacts(target, services)]);
  const others = published.flat().flatMap(({ evidence }) => (evidence && OTHERS.has(evidence.kind) ? [evidence] : []));
  // Findings that were accepted at publication stay accepted; findings that became known later count.
  const accepted = baselines.map((one) => publishedBaseline(one, { digest: policyDigest, sources }, registry));
  const signed = [...sboms.values()].map((one) => one.evidence);
  const evidence = [...provenance, ...others, ...accepted, ...signed, ...made];
  const asked = judgedBy(policy, earlier, sboms.size > 0);
  const surroundings = { facts, destinations: [registry] };
  const verdict = decide(asked, target.image, evidence, services.clock(), surroundings);
  const rules = explained(verdict.rules, policy, target.image, earlier, omitted);
  return { evidence, verdict: { ...verdict, rules } };
}
