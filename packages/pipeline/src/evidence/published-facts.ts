import { type ScannableSbom, scannableSbom, type Trust } from '@tidegate/attest';
import {
  type Digest,
  type Evidence,
  hasKind,
  type Image,
  manifestsOf,
  PredicateType,
  type ScanEvidence,
  type VerdictEvidence,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { Keep } from '../verify/signed-contents.ts';
import { SignedContents } from '../verify/signed-contents.ts';
import { signedFacts } from '../verify/verify-evidence.ts';

export interface Published {
  readonly sboms: ReadonlyMap<Digest, ScannableSbom>;
  readonly scans: ReadonlyMap<Digest, ScanEvidence>;
  readonly provenance: readonly Evidence[];
  /** Baselines that the image was compared with when it was published. */
  readonly baselines: readonly Evidence[];
  /** The verdict on the root. */
  readonly verdict?: VerdictEvidence | undefined;
}

/** Read the evidence about the image from trusted signers. Evidence that does not verify is ignored. */
export async function readPublished(
  registry: Registry,
  image: Image,
  trusts: readonly Trust[],
  { log, signal }: Services,
): Promise<Published> {
  const contents = new SignedContents(registry, signal);
  const sboms = new Map<Digest, ScannableSbom>();
  const scans = new Map<Digest, ScanEvidence>();
  const provenance = new Map<string, Evidence>();
  const baselines = new Map<string, Evidence>();
  let verdict: VerdictEvidence | undefined;
  for (const { digest } of manifestsOf(image)) {
    const found = new Map<Digest, ScannableSbom>();
    for (const trust of trusts) {
      const keep: Keep = (subject, predicateType, statement) => {
        const sbom = predicateType === PredicateType.cyclonedx ? readable(statement, subject) : undefined;
        if (sbom) found.set(sbom.evidence.document, sbom);
      };
      const facts = await signedFacts(registry, digest, trust, signal, { contents, keep });
      for (const { where, why } of facts.refused) log.debug(`${where} is ignored: ${why}`);
      for (const { evidence } of facts.verified) {
        if (evidence?.kind === 'provenance') provenance.set(`${digest} ${evidence.statement}`, evidence);
        if (evidence?.kind === 'baseline') baselines.set(`${digest} ${evidence.statement}`, evidence);
        if (evidence?.kind === 'verdict' && digest === image.root.digest) {
          if (!verdict || verdict.decidedOn < evidence.decidedOn) verdict = evidence;
        }
        if (evidence?.kind !== 'scan') continue;
        const newest = scans.get(digest);
        if (!newest || newest.finishedOn < evidence.finishedOn) scans.set(digest, evidence);
      }
    }
    const [only, ...others] = found.values();
    // If two SBOMs differ, it is unknown which one is correct.
    if (only && others.length === 0) sboms.set(digest, only);
  }
  return {
    ...{ sboms, scans, provenance: [...provenance.values()], baselines: [...baselines.values()] },
    verdict,
  };
}

function readable(statement: Uint8Array, subject: Digest): ScannableSbom | undefined {
  try {
    return scannableSbom(statement, subject);
  } catch (error) {
    if (hasKind(error, 'evidence', 'integrity')) return undefined;
    throw error;
  }
}
