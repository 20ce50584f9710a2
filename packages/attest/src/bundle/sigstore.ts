import { createHash } from 'node:crypto';
import type { SignedEntity, TrustMaterial } from '@sigstore/verify';
import { type CertifiedIdentity, hasKind, messageOf, TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import { readSigningCertificate, type SigningCertificate } from '../verify/certificate.ts';
import { type PublicKey, verifies } from '../verify/public-key.ts';
import { namedAuthorities, readTimestamps } from '../verify/timestamp-token.ts';
import type { SigstoreRoot, SigstoreRoots } from '../verify/trusted-root.ts';
import type { Bundle } from './bundle.ts';
import { holdEntry, readLogEntries } from './log-entry.ts';

/** A signature and its verification material, regardless of how it was stored. Nothing in it has been verified. */
export interface Signed {
  /** The signed bytes: the DSSE PAE, or cosign 2's payload. */
  readonly message: Uint8Array;
  /** The bytes that a `dsse` or `intoto` log entry hashes: the DSSE payload, or without DSSE the message itself. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /**
   * The bytes that an RFC 3161 timestamp covers: the signature (client spec), in cosign 2's attestations the envelope.
   */
  readonly stamped: Uint8Array;
  readonly material: Bundle['material'];
  readonly tlogEntries: readonly unknown[];
  readonly rfc3161Timestamps: readonly Uint8Array[];
  /** Bundles must prove inclusion; cosign 2 stored only the log's promise. */
  readonly inclusionProof: 'required' | 'optional';
}

/** The evidence that a trusted root must provide. */
export interface VerifyRequirements {
  /** `required`: an entry in a log of the root. Existing entries must verify in any case. */
  readonly log: 'required' | 'optional';
  /** `required`: a signed timestamp of an authority of the root, in addition to what a certificate needs. */
  readonly timestamp: 'required' | 'optional';
}

/** Verified facts about a signature. */
export interface Witnessed {
  readonly signer:
    | { readonly kind: 'key'; readonly key: PublicKey }
    | { readonly kind: 'certificate'; readonly identity: CertifiedIdentity };
  /** Times at which the signature existed, according to timestamp authorities and logs that promise a time. */
  readonly times: readonly Date[];
  readonly logEntries: number;
}

/**
 * Verify according to the Sigstore client spec, with the first root that covers all of it: timestamps, certificate
 * chain at each of them, SCT, log inclusion and checkpoint, and the signature.
 * Where @sigstore/verify is laxer than the spec, this module adds the checks: see certificate.ts, authority-chain.ts,
 * timestamp-token.ts and log-entry.ts; docs/verification.md covers the spec section by section.
 * @param key for a bundle that was signed with a key: the caller's, already selected
 * @throws TidegateError `evidence`, `signature`
 */
export function verifyWitnessed(
  signed: Signed,
  roots: SigstoreRoots,
  demands: VerifyRequirements,
  key: PublicKey | undefined,
): Witnessed {
  let first: unknown;
  for (const root of roots) {
    try {
      return verifyAgainst(signed, root, demands, key);
    } catch (error) {
      // An unreadable signature is unreadable with the next root, too.
      if (!hasKind(error, 'signature')) throw error;
      first ??= error;
    }
  }
  throw first ?? invalid('no trusted root was given');
}

function verifyAgainst(
  signed: Signed,
  { material, library }: SigstoreRoot,
  demands: VerifyRequirements,
  key: PublicKey | undefined,
): Witnessed {
  const entries = readLogEntries(signed.tlogEntries, signed.inclusionProof);
  const certificate = signed.material.kind === 'certificate' ? signed.material : undefined;
  const leaf = certificate && readSigningCertificate(certificate.der, library);
  if (!leaf && !key) throw invalid('it was signed with a key, but no key is trusted');
  const stamps = readTimestamps(signed.rfc3161Timestamps, library, invalid);
  // client spec, "Timestamps": a certificate is valid for ten minutes, so without a time it proves nothing. The library
  // skips the whole chain if it has no time and no threshold.
  if (leaf && stamps.length === 0 && !entries.some((entry) => entry.inclusionPromise)) {
    throw invalid('its time is not proven (no timestamp), and its certificate was valid for minutes only');
  }
  if (demands.timestamp === 'required' && stamps.length === 0) throw invalid('it has no signed timestamp');
  if (demands.log === 'required' && material.tlogs.length > 0 && entries.length === 0) {
    throw invalid('it is not in a transparency log');
  }
  const timestampAuthorities = namedAuthorities(stamps, material.timestampAuthorities, invalid);
  const verifier = new library.Verifier(withKey({ ...material, timestampAuthorities }, key), {
    // A root without a log of this kind (GitHub's private instance) cannot require one.
    ctlogThreshold: material.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: demands.log === 'required' && material.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: leaf ? 1 : 0,
  });
  const logged = entries.map((entry) => library.entryFromJson(entry));
  const times: Date[] = [];
  const entity: SignedEntity = {
    signature: signatureOf(signed, leaf, key),
    key: leaf
      ? { $case: 'certificate', certificate: leaf.certificate }
      : { $case: 'public-key', hint: key?.hint ?? '' },
    tlogEntries: logged as SignedEntity['tlogEntries'],
    timestamps: [
      ...(logged as SignedEntity['tlogEntries'])
        .filter((entry) => entry.inclusionPromise && entry.integratedTime !== '0')
        .map((tlogEntry) => {
          times.push(new Date(Number(tlogEntry.integratedTime) * 1000));
          return { $case: 'transparency-log' as const, tlogEntry };
        }),
      ...stamps.map(({ timestamp }) => {
        times.push(timestamp.signingTime);
        return { $case: 'timestamp-authority' as const, timestamp };
      }),
    ],
  };
  try {
    verifier.verify(entity);
  } catch (error) {
    if (error instanceof library.VerificationError) throw invalid(explained(error), error);
    // DER parsers throw arbitrary errors on unexpected input.
    throw unreadable(`The signature's certificates, timestamps or log entries cannot be read (${messageOf(error)}).`);
  }
  const signingKey = leaf ? leaf.node : (key as PublicKey).key;
  for (const entry of entries) holdEntry(entry, material.tlogs, signingKey, times);
  return {
    signer: leaf ? { kind: 'certificate', identity: leaf.identity } : { kind: 'key', key: key as PublicKey },
    times,
    logEntries: entries.length,
  };
}

/** The caller's key is always valid: a bare key has no validity window. */
function withKey(material: TrustMaterial, key: PublicKey | undefined): TrustMaterial {
  if (!key) return material;
  return { ...material, publicKey: () => ({ publicKey: key.key, validFor: () => true }) };
}

/** Hashes of Sigstore's algorithm registry, by length of the digest in an entry. */
const HASH_OF_LENGTH: Readonly<Record<number, string>> = { 32: 'sha256', 48: 'sha384', 64: 'sha512' };

/** The library compares log entries and timestamps with this object, and uses it to verify the signature. */
function signatureOf(
  signed: Signed,
  leaf: SigningCertificate | undefined,
  key: PublicKey | undefined,
): SignedEntity['signature'] {
  const hashes = (bytes: Uint8Array, digest: Buffer) => {
    const hash = HASH_OF_LENGTH[digest.byteLength];
    return hash !== undefined && createHash(hash).update(bytes).digest().equals(digest);
  };
  const signer = leaf ? leaf.node.publicKey : key?.key;
  return {
    signature: Buffer.from(signed.stamped),
    compareSignature: (other) => other.equals(signed.signature),
    compareDigest: (digest) => hashes(signed.payload, digest),
    compareSignedDigest: (digest) => hashes(signed.message, digest),
    verifySignature: () => signer !== undefined && verifies(signer, signed.message, signed.signature),
  };
}

const WHAT: Readonly<Record<string, string>> = {
  TIMESTAMP_ERROR: 'its signed timestamp is invalid',
  CERTIFICATE_ERROR: 'its certificate is invalid',
  PUBLIC_KEY_ERROR: 'its key is invalid',
  TLOG_ERROR: 'its log entry is invalid',
  TLOG_BODY_ERROR: 'its log entry is for something else',
  TLOG_INCLUSION_PROOF_ERROR: 'its inclusion proof is invalid',
  TLOG_INCLUSION_PROMISE_ERROR: "the log's inclusion promise is invalid",
  TLOG_MISSING_INCLUSION_ERROR: 'it has no proof of inclusion in the log',
};

function explained(error: Error & { readonly code?: string; readonly cause?: unknown }): string {
  if (error.code === 'SIGNATURE_ERROR') return 'it does not match what was signed';
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${WHAT[error.code ?? ''] ?? 'it is invalid'} (${error.message}${cause})`;
}

function invalid(why: string, cause?: unknown): TidegateError {
  return new TidegateError('signature-invalid', `Signature verification failed: ${why}.`, {
    next: 'Do not use this image unless you know the cause: check the digest, the trusted root and the expected signer.',
    cause,
  });
}
