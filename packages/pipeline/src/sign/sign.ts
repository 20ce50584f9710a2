import {
  type Bundle,
  type CertificateIdentity,
  certifiedProvenance,
  MAX_BUNDLE_BYTES,
  type OwnPredicate,
  ownStatement,
  parseBundle,
  renameInputs,
  type Signer,
  signBundle,
  type Trust,
  verifySignature,
  type Witness,
} from '@tidegate/attest';
import {
  counted,
  type Descriptor,
  type Digest,
  digestOf,
  hexOf,
  MediaType,
  manifestsOf,
  mapLimited,
  PredicateType,
  TidegateError,
} from '@tidegate/core';
import type { ImageLayout } from '@tidegate/oci';
import {
  attachBundle,
  attachStatement,
  attachStatements,
  readContent,
  readEvidence,
  readStatements,
  TRUST_NONE,
} from '../evidence/store.ts';
import { assertOwnAttestations } from '../sbom/docker-attestations.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { type Payload, signedPayloads } from './payloads.ts';
import { signOutputs } from './sign-outputs.ts';

export interface SignOptions {
  readonly signer: Signer;
  /** Each records every signature. */
  readonly witnesses: readonly Witness[];
  /** The identity of this signer for verifiers: existing signatures that verify with it are not made again. */
  readonly trust: Trust;
  /** Claims about the run in the signer's certificate: they are added to the provenance. */
  readonly certified?: CertificateIdentity;
  /** Evidence of the user's own, about the root and every platform. It replaces older evidence of its types. */
  readonly predicates?: readonly OwnPredicate[] | undefined;
  /** Path for the bundle of a file's provenance, by its name. Default: such files are not signed. */
  readonly bundleOfOutput?: ((name: string) => string) | undefined;
  /** Called when every statement is final, before the first is signed. */
  readonly onStatements?: (() => Promise<void>) | undefined;
  /** The image is already signed; only statements about it are new. */
  readonly statementsOnly?: boolean;
}

export interface SignResult {
  /** Number of bundles in the layout, for the root and every platform. */
  readonly bundles: number;
  readonly signer: string;
  /** The identity for verifiers to expect. */
  readonly trust: Trust;
  /** Bundles of exported files. */
  readonly outputBundles: readonly string[];
}

/**
 * Number of statements that are signed concurrently. Each needs two requests: to the log and to the timestamp
 * authority.
 */
const AT_ONCE = 32;

/**
 * Sign the root and every platform's manifest, and every statement about them in the layout. Bundles become referrers
 * in the layout. Existing signatures of this signer stay, so a second run adds no duplicates; bundles of anything else
 * are removed.
 */
export async function sign(target: Target, options: SignOptions, services: Services): Promise<SignResult> {
  const { layout } = target;
  for (const one of await readEvidence(target, TRUST_NONE)) {
    if (one.kind !== 'unreadable') continue;
    throw new TidegateError(
      'evidence-not-signable',
      `${layout.name} contains evidence that cannot be signed: ${one.claimed}: ${one.why}`,
      {
        next: 'Run build-image, generate-sbom and scan-image again: only their evidence is signed.',
      },
    );
  }
  await assertOwnAttestations(target, options.certified);
  await attachOwn(target, options.predicates ?? []);
  if (options.certified) await joinProvenance(target, options.certified);
  await options.onStatements?.();
  let bundles = 0;
  const missing: (Payload & { readonly subject: Descriptor })[] = [];
  for (const subject of manifestsOf(target.image)) {
    const wanted = (await signedPayloads(target, subject)).slice(options.statementsOnly ? 1 : 0);
    const signed = await keepSigned(layout, subject, new Set(wanted.map((one) => one.digest)), options);
    missing.push(...wanted.filter((one) => !signed.has(one.digest)).map((one) => ({ ...one, subject })));
    bundles += wanted.length;
  }
  const made = await mapLimited(missing, AT_ONCE, (one) => signBundle(one.bytes, options.signer, options.witnesses));
  // Concurrently, so that the layout writes its index once for all of them.
  await mapLimited([...missing.entries()], AT_ONCE, async ([at, one]) => {
    const bundle = made[at];
    if (bundle) await attachBundle(target, one.subject, bundle, one, options.trust);
  });
  const outputBundles = await signOutputs(target, options);
  services.log.info(`Signed ${counted(bundles, 'statement')} as ${options.signer.identity}.`);
  return { bundles, signer: options.signer.identity, trust: options.trust, outputBundles };
}

async function attachOwn(target: Target, predicates: readonly OwnPredicate[]): Promise<void> {
  for (const subject of manifestsOf(target.image)) {
    const statements = predicates.map((one) => ownStatement(subject.digest, one));
    if (statements.length > 0) await attachStatements(target, subject, statements);
  }
}

/**
 * Add the certified claims to the provenance of the root and every platform, and update the digest in a verdict that
 * refers to it: the same build, described by an authority that has verified the claims.
 */
async function joinProvenance(target: Target, certified: CertificateIdentity): Promise<void> {
  const joined = new Map<string, string>();
  const verdicts = new Map<Descriptor, Uint8Array[]>();
  for (const subject of manifestsOf(target.image)) {
    for (const { bytes, predicateType } of await readStatements(target, subject)) {
      if (predicateType === PredicateType.verdict) verdicts.set(subject, [...(verdicts.get(subject) ?? []), bytes]);
      if (predicateType !== PredicateType.provenance) continue;
      const statement = certifiedProvenance(bytes, certified);
      if (!statement) continue;
      joined.set(hexOf(digestOf(bytes)), hexOf(digestOf(statement.bytes)));
      await attachStatement(target, subject, statement);
    }
  }
  for (const [subject, held] of verdicts) {
    const renamed = held.map((bytes) => renameInputs(bytes, joined));
    // The verdicts for several destinations have the same inputs.
    const statements = renamed.flatMap((statement) => statement ?? []);
    if (statements.length > 0) await attachStatements(target, subject, statements);
  }
}

/** @returns digests of the payloads that already have a bundle of this signer; other bundles are removed */
async function keepSigned(
  layout: ImageLayout,
  subject: Descriptor,
  wanted: ReadonlySet<Digest>,
  options: SignOptions,
): Promise<ReadonlySet<Digest>> {
  const signed = new Set<Digest>();
  for (const referrer of await layout.referrers(subject.digest, MediaType.bundle)) {
    let payload: Digest | undefined;
    try {
      const bundle = parseBundle(await readContent(layout, referrer, MAX_BUNDLE_BYTES));
      verifySignature(bundle, options.trust);
      // What it says is known by its digest: megabytes are not parsed again.
      if (hasWitnesses(bundle, options.witnesses.length)) payload = digestOf(bundle.payload);
    } catch {
      // Not from this signer, or invalid: replace it with a new one.
    }
    if (payload !== undefined && wanted.has(payload) && !signed.has(payload)) signed.add(payload);
    else await layout.unlist(referrer);
  }
  return signed;
}

/** Whether the bundle has the required number of witnesses. */
function hasWitnesses({ tlogEntries, rfc3161Timestamps }: Bundle, count: number): boolean {
  return tlogEntries.length + rfc3161Timestamps.length >= count;
}
