import type { ScannableSbom, Trust } from '@tidegate/attest';
import {
  type BaselineEvidence,
  type Digest,
  type Evidence,
  formatRepository,
  type Image,
  manifestsOf,
  PredicateType,
  type ScanEvidence,
  type VerdictEvidence,
  type VerifiedFact,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { Keep } from '../verify/signed-contents.ts';
import { SignedContents } from '../verify/signed-contents.ts';
import type { PublishedStatement } from '../verify/verified-bundles.ts';
import { signedFacts } from '../verify/verify-evidence.ts';
import { newestSbom, type SignedSbom } from './newest-sbom.ts';
import { readableSbom } from './readable-sbom.ts';

export interface Published {
  readonly sboms: ReadonlyMap<Digest, ScannableSbom>;
  readonly scans: ReadonlyMap<Digest, ScanEvidence>;
  readonly provenance: readonly Evidence[];
  /** Baselines that the image was compared with when it was published. */
  readonly baselines: readonly BaselineEvidence[];
  /** The newest verdict on the root for this repository. One for another repository counts there. */
  readonly verdict?: VerdictEvidence | undefined;
  /** SBOM statements of trusted signers. */
  readonly statements: ReadonlyMap<Digest, readonly PublishedStatement[]>;
  /** Everything that was verified, for each trust in turn. */
  readonly facts: readonly (readonly VerifiedFact[])[];
}

/** Read the evidence about the image from trusted signers. Evidence that does not verify is ignored. */
export async function readPublished(
  registry: Registry,
  image: Image,
  trusts: readonly Trust[],
  { log, signal }: Services,
): Promise<Published> {
  const contents = new SignedContents(registry, signal);
  const destination = formatRepository(registry);
  const sboms = new Map<Digest, ScannableSbom>();
  const scans = new Map<Digest, ScanEvidence>();
  const provenance = new Map<string, Evidence>();
  const baselines = new Map<string, BaselineEvidence>();
  const statements = new Map<Digest, PublishedStatement[]>();
  const all = trusts.map((): VerifiedFact[] => []);
  let verdict: VerdictEvidence | undefined;
  for (const { digest } of manifestsOf(image)) {
    const found: SignedSbom[] = [];
    for (const [at, trust] of trusts.entries()) {
      const keep: Keep = (subject, predicateType, statement, { name, times }) => {
        if (predicateType !== PredicateType.cyclonedx && predicateType !== PredicateType.spdx) return;
        statements.set(subject, [...(statements.get(subject) ?? []), { predicateType, bytes: statement }]);
        const sbom = predicateType === PredicateType.cyclonedx ? readableSbom(statement, subject) : undefined;
        if (sbom) found.push({ sbom, signer: name, times });
      };
      const facts = await signedFacts(registry, digest, trust, signal, { contents, keep });
      all[at]?.push(...facts.verified);
      for (const { where, why } of facts.refused) log.debug(`${where} is ignored: ${why}`);
      for (const { evidence } of facts.verified) {
        if (evidence?.kind === 'provenance') provenance.set(`${digest} ${evidence.statement}`, evidence);
        if (evidence?.kind === 'baseline') baselines.set(`${digest} ${evidence.statement}`, evidence);
        if (evidence?.kind === 'verdict' && digest === image.root.digest && evidence.destination === destination) {
          if (!verdict || verdict.decidedOn < evidence.decidedOn) verdict = evidence;
        }
        if (evidence?.kind !== 'scan') continue;
        const newest = scans.get(digest);
        if (!newest || newest.finishedOn < evidence.finishedOn) scans.set(digest, evidence);
      }
    }
    const sbom = newestSbom(found);
    if (sbom) sboms.set(digest, sbom);
  }
  if (contents.warning !== undefined) log.warning(contents.warning);
  return {
    ...{ sboms, scans, provenance: [...provenance.values()], baselines: [...baselines.values()] },
    ...{ verdict, statements, facts: all },
  };
}
