import type { Trust } from '@tidegate/attest';
import { type Digest, type Image, manifestsOf, PredicateType, type VerifiedFact } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';
import { type Keep, SignedContents } from '../verify/signed-contents.ts';
import { type PublishedStatement, VerifiedBundles } from '../verify/verified-bundles.ts';
import { signedFacts } from '../verify/verify-evidence.ts';

/** Evidence that one signer has published about an image, verified. */
export interface OwnEvidence {
  readonly registry: Registry;
  readonly facts: readonly VerifiedFact[];
  /** Statements that a later run may repeat, by subject. */
  readonly statements: ReadonlyMap<Digest, readonly PublishedStatement[]>;
  /** For a second reading in this run. */
  readonly memory: VerifiedBundles;
}

const REPEATED: ReadonlySet<string> = new Set([
  PredicateType.provenance,
  PredicateType.spdx,
  PredicateType.cyclonedx,
  PredicateType.baseline,
]);

/**
 * Read what this signer has published about exactly this image. Evidence of others, and evidence that does not verify,
 * is ignored.
 * @param trust the identity that signs now: no other one is believed
 * @returns undefined if the registry does not have the image
 */
async function readOwn(
  registry: Registry,
  image: Image,
  trust: Trust,
  { log, signal }: Pick<Services, 'log' | 'signal'>,
  memory: VerifiedBundles,
): Promise<OwnEvidence | undefined> {
  if (!(await registry.exists(image.root, { signal }))) return undefined;
  const contents = new SignedContents(registry, signal);
  const statements = new Map<Digest, PublishedStatement[]>();
  const keep: Keep = (subject, predicateType, bytes) => {
    if (REPEATED.has(predicateType))
      statements.set(subject, [...(statements.get(subject) ?? []), { predicateType, bytes }]);
  };
  const facts: VerifiedFact[] = [];
  for (const { digest } of manifestsOf(image)) {
    const { verified, refused } = await signedFacts(registry, digest, trust, signal, { contents, keep, memory });
    for (const { where, why } of refused) log.debug(`${where} is ignored: ${why}`);
    facts.push(...verified);
  }
  if (contents.warning !== undefined) log.warning(contents.warning);
  return { registry, facts, statements, memory };
}

/**
 * Like `readOwn`, for each of several registries that has the image.
 * @param memory what this run has read before, if there is only one registry
 */
export async function readOwnAt(
  registries: readonly Registry[],
  image: Image,
  trust: Trust,
  services: Pick<Services, 'log' | 'signal'>,
  memory?: VerifiedBundles,
): Promise<readonly OwnEvidence[]> {
  const found = await Promise.all(
    registries.map((registry) => readOwn(registry, image, trust, services, memory ?? new VerifiedBundles(trust))),
  );
  return found.filter((one) => one !== undefined);
}
