import {
  type Bundle,
  type CertificateIdentity,
  certifiedProvenance,
  MAX_BUNDLE_BYTES,
  MAX_SIGNED_BYTES,
  parseBundle,
  REFERENCE,
  referenceStatement,
  renameInputs,
  type Signer,
  signatureStatement,
  signBundle,
  type Trust,
  verifyBundle,
  type Witness,
} from '@tidegate/attest';
import {
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
  readContent,
  readEvidence,
  readStatements,
  TRUST_NONE,
} from '../evidence/store.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';

export interface SignOptions {
  readonly signer: Signer;
  /** Each records every signature. */
  readonly witnesses: readonly Witness[];
  /** The identity of this signer for verifiers: existing signatures that verify with it are not made again. */
  readonly trust: Trust;
  /** Claims about the run in the signer's certificate: they are added to the provenance. */
  readonly certified?: CertificateIdentity;
  /** The image is already signed; only statements about it are new. */
  readonly statementsOnly?: boolean;
}

export interface SignResult {
  /** Number of bundles in the layout, for the root and every platform. */
  readonly bundles: number;
  readonly signer: string;
  /** The identity for verifiers to expect. */
  readonly trust: Trust;
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
  if (options.certified) await joinProvenance(target, options.certified);
  let bundles = 0;
  const missing: (Signable & { readonly subject: Descriptor })[] = [];
  for (const subject of manifestsOf(target.image)) {
    const { bytes, statement } = signatureStatement(subject.digest);
    const image = { bytes, digest: digestOf(bytes), predicateType: statement.predicateType };
    const held = await readStatements(target, subject);
    const wanted = [...(options.statementsOnly ? [] : [image]), ...held.map((one) => signable(one, subject))];
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
  services.log.info(`Signed ${bundles} statements as ${options.signer.identity}.`);
  return { bundles, signer: options.signer.identity, trust: options.trust };
}

interface Signable {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly predicateType: string;
}

/** The statement itself, or if it is too large for a bundle, one that references it by digest. */
function signable(held: Signable, subject: Descriptor): Signable {
  if (held.bytes.byteLength <= MAX_SIGNED_BYTES) return held;
  const { predicateType, digest } = held;
  const named = { predicateType, digest, mediaType: MediaType.inToto };
  const { bytes } = referenceStatement([{ digest: subject.digest }], named);
  return { bytes, digest: digestOf(bytes), predicateType: REFERENCE };
}

/**
 * Add the certified claims to the provenance of the root and every platform, and update the digest in a verdict that
 * refers to it: the same build, described by an authority that has verified the claims.
 */
async function joinProvenance(target: Target, certified: CertificateIdentity): Promise<void> {
  const joined = new Map<string, string>();
  const verdicts: { readonly subject: Descriptor; readonly bytes: Uint8Array }[] = [];
  for (const subject of manifestsOf(target.image)) {
    for (const { bytes, predicateType } of await readStatements(target, subject)) {
      if (predicateType === PredicateType.verdict) verdicts.push({ subject, bytes });
      if (predicateType !== PredicateType.provenance) continue;
      const statement = certifiedProvenance(bytes, certified);
      if (!statement) continue;
      joined.set(hexOf(digestOf(bytes)), hexOf(digestOf(statement.bytes)));
      await attachStatement(target, subject, statement);
    }
  }
  for (const { subject, bytes } of verdicts) {
    const statement = renameInputs(bytes, joined);
    if (statement) await attachStatement(target, subject, statement);
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
      const content = await readContent(layout, referrer, MAX_BUNDLE_BYTES);
      const { evidence } = verifyBundle(content, options.trust, subject.digest);
      if (hasWitnesses(parseBundle(content), options.witnesses.length)) payload = evidence.payload;
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
