import type { ScannableSbom, Trust } from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  digestOf,
  EVIDENCE_MAKER,
  type Evidence,
  formatRepository,
  type Image,
  manifestsOf,
  type Policy,
  PredicateType,
  type ProgramEvidence,
  type VerdictEvidence,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { hasExpired } from '../rescan/earlier.ts';
import type { Services } from '../services.ts';
import type { VerifiedBundles } from '../verify/verified-bundles.ts';
import { type OwnEvidence, readOwnAt } from './own-evidence.ts';
import { readableSbom } from './readable-sbom.ts';

/** The published SBOMs of one platform. */
export interface ProvenSbom {
  readonly scannable: ScannableSbom;
  readonly cyclonedx: Uint8Array;
  readonly spdx: Uint8Array;
  /** What the SPDX document says, as it was read when it was verified. */
  readonly spdxEvidence: Evidence | undefined;
}

/** An image that this signer has published and judged before, in this repository, under this very policy. */
export interface Proven {
  /** By platform. */
  readonly sboms: ReadonlyMap<Digest, ProvenSbom>;
  /** When the layers were judged: of several manifests, the first time. */
  readonly judgedOn: Date;
  /** Statements that were judged then. */
  readonly inputs: ReadonlySet<Digest>;
  /** The published bundles that were read for it. */
  readonly memory: VerifiedBundles;
}

export interface ProvenOptions {
  readonly registry: Registry;
  /** The signer of this run in its earlier runs: no other one is believed. */
  readonly trust: Trust;
  readonly policy: Policy;
  readonly policyDigest: Digest;
  /** The image's name in SBOMs. */
  readonly name: string;
}

/**
 * Find out whether everything that depends on the bytes of the image alone was published before: its SBOMs, and a
 * verdict on its layers. Anyone with push access can attach and remove evidence, so it counts only if
 *
 * - the signer of this run has signed it, for exactly this digest;
 * - a verdict on the index and on each platform passed, for this repository, under exactly this policy, and it judged
 *   the whole policy. What the policy allows until a date is still allowed;
 * - the verdict names the Syft of this run and the same version of our own code that reads images;
 * - the verdict names the SBOMs among its inputs, in both formats.
 *
 * @returns undefined if anything is missing or differs: then all of it is made again
 */
export async function findProven(
  image: Image,
  { registry, trust, policy, policyDigest, name }: ProvenOptions,
  services: Services,
): Promise<Proven | undefined> {
  const { log } = services;
  const not = (why: string): undefined => {
    log.debug(`Published evidence is not used instead of new: ${why}.`);
  };
  if (hasExpired(policy, services.clock())) return not('the policy allowed a file until a date that has passed');
  const [own] = await readOwnAt([registry], image, trust, services);
  if (!own) return not(`${registry.name} does not have ${image.root.digest}`);
  const { program } = await services.tools.get('syft');
  const syft = await program;
  const verdicts = new Map<Digest, VerdictEvidence>();
  for (const { digest } of manifestsOf(image)) {
    const isPlatform = image.platforms.some(({ descriptor }) => descriptor.digest === digest);
    const verdict = newestFull(own, digest, { registry, policyDigest, syft, isPlatform });
    if (!verdict) return not(`no full verdict on ${digest} under this policy, with this Syft, passed`);
    verdicts.set(digest, verdict);
  }
  const sboms = new Map<Digest, ProvenSbom>();
  for (const { descriptor } of image.platforms) {
    const found = sbomsOf(own, descriptor, verdicts.get(descriptor.digest)?.inputs ?? [], name);
    if (!found) return not(`the SBOMs of ${descriptor.digest} are not published in both formats`);
    sboms.set(descriptor.digest, found);
  }
  const times = [...verdicts.values()].map(({ decidedOn }) => decidedOn.getTime());
  const inputs = new Set([...verdicts.values()].flatMap((verdict) => verdict.inputs ?? []));
  return { sboms, judgedOn: new Date(Math.min(...times)), inputs, memory: own.memory };
}

interface Judging {
  readonly registry: Registry;
  readonly policyDigest: Digest;
  readonly syft: ProgramEvidence;
  readonly isPlatform: boolean;
}

function newestFull(
  { facts }: OwnEvidence,
  subject: Digest,
  { registry, policyDigest, syft, isPlatform }: Judging,
): VerdictEvidence | undefined {
  const destination = formatRepository(registry);
  const found = facts.flatMap(({ evidence }) =>
    evidence?.kind === 'verdict' &&
    evidence.subject === subject &&
    evidence.passed === true &&
    evidence.isPartial !== true &&
    evidence.policy === policyDigest &&
    evidence.destination === destination &&
    isMadeBy(evidence, syft) &&
    (!isPlatform || scannedAll(facts, evidence))
      ? [evidence]
      : [],
  );
  return found.toSorted((a, b) => b.decidedOn.getTime() - a.decidedOn.getTime())[0];
}

/** By the programs and the code of this run, and no others: a verdict names those of all platforms. */
function isMadeBy({ tools = [] }: VerdictEvidence, syft: ProgramEvidence): boolean {
  const named = (name: string) => tools.filter((tool) => tool.name === name);
  const [catalogers, makers] = [named('syft'), named(EVIDENCE_MAKER.name)];
  return (
    catalogers.length > 0 &&
    catalogers.every(({ digest }) => digest === syft.digest) &&
    makers.length > 0 &&
    makers.every(({ version }) => version === EVIDENCE_MAKER.version)
  );
}

/**
 * Whether the SBOM had every package. If packages that it lacks were found in the layers, the layers must be read for the
 * next scan, too. A scan that was removed since may have been of that kind.
 */
function scannedAll(facts: OwnEvidence['facts'], { subject, inputs = [] }: VerdictEvidence): boolean {
  const scans = facts.flatMap(({ evidence }) =>
    evidence?.kind === 'scan' &&
    evidence.subject === subject &&
    evidence.statement !== undefined &&
    inputs.includes(evidence.statement)
      ? [evidence]
      : [],
  );
  return scans.length > 0 && scans.every(({ added = [] }) => added.length === 0);
}

function sbomsOf(
  { facts, statements }: OwnEvidence,
  { digest }: Descriptor,
  judged: readonly Digest[],
  name: string,
): ProvenSbom | undefined {
  // Anyone may attach copies of a bundle.
  const all = new Map((statements.get(digest) ?? []).map((one) => [digestOf(one.bytes), one]));
  const kept = judged.flatMap((input) => {
    const one = all.get(input);
    return one ? [{ ...one, statement: input }] : [];
  });
  const ofType = (type: string) => kept.filter(({ predicateType }) => predicateType === type);
  const scannable = ofType(PredicateType.cyclonedx).flatMap(({ bytes }) => {
    const found = readableSbom(bytes, digest);
    return found?.name === name ? [{ scannable: found, cyclonedx: bytes }] : [];
  });
  const [first, ...others] = scannable;
  const [spdx, ...more] = ofType(PredicateType.spdx);
  // A verdict of one run names one of each.
  if (!first || !spdx || others.length > 0 || more.length > 0) return undefined;
  const spdxEvidence = facts.find(
    ({ evidence }) => evidence?.kind === 'sbom' && evidence.subject === digest && evidence.statement === spdx.statement,
  )?.evidence;
  return { ...first, spdx: spdx.bytes, spdxEvidence };
}
