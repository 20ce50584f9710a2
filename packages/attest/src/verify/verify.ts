import {
  type CertifiedIdentity,
  type Digest,
  digestOf,
  type ExpectedIdentity,
  identityProblems,
  quoted,
  type SignatureEvidence,
  type Statement,
  TidegateError,
} from '@tidegate/core';
import { type Bundle, parseBundle } from '../bundle/bundle.ts';
import { IN_TOTO_PAYLOAD, pae } from '../bundle/dsse.ts';
import { type Signed, verifyWitnessed, type Witnessed } from '../bundle/sigstore.ts';
import { parseStatement, subjectMatches } from '../statement/statement.ts';
import { type PublicKey, verifies } from './public-key.ts';
import type { SigstoreRoots } from './trusted-root.ts';

/** Trusted signers. The value comes from the caller, never from the artifact that is verified. */
export interface Trust {
  readonly publicKeys: readonly PublicKey[];
  /** Allowed identities of keyless signatures: one of them must match. */
  readonly identities?: readonly ExpectedIdentity[] | undefined;
  /** Required for keyless signatures. For keys, log entries and timestamps are verified with it if it is given. */
  readonly roots?: SigstoreRoots | undefined;
  /** Whether a signature must be in a log of the roots. Default: `required` if roots are given. */
  readonly log?: 'required' | 'optional' | undefined;
  /**
   * Whether a signature must also have a signed timestamp. Default: `optional`; a keyless signature needs a time in any
   * case.
   */
  readonly timestamp?: 'required' | 'optional' | undefined;
}

/** Verified facts about the signer. */
export interface VerifiedSigner {
  /** `key sha256:…`, or the certificate's identity and its issuer. */
  readonly name: string;
  /** Only for keyless signatures. */
  readonly identity?: CertifiedIdentity | undefined;
  /** Times at which the signature existed; empty if no trusted authority provides one. */
  readonly times: readonly Date[];
  readonly logEntries: number;
}

export interface VerifiedBundle {
  readonly statement: Statement<Readonly<Record<string, unknown>>>;
  /** The signed bytes: input of `evidenceOf`. */
  readonly payload: Uint8Array;
  readonly evidence: SignatureEvidence;
  readonly signer: VerifiedSigner;
}

/**
 * Verify a bundle: payload type, signature, signer, log and timestamps if roots are given, and that it is about
 * `subject`. With keys and no roots, log entries and timestamps are ignored: they would prove nothing.
 * @throws TidegateError `evidence` when it is unreadable, `signature` when verification fails.
 */
export function verifyBundle(content: Uint8Array, trust: Trust, subject: Digest): VerifiedBundle {
  const bundle = parseBundle(content);
  const signer = verifySignature(bundle, trust);
  return { ...aboutSubject(bundle.payload, subject, signer), signer };
}

/**
 * Like `verifyBundle`, but without the statement: for callers that know the payload by its digest.
 * @throws TidegateError `evidence`, `signature`
 */
export function verifySignature(bundle: Bundle, trust: Trust): VerifiedSigner {
  if (bundle.payloadType !== IN_TOTO_PAYLOAD) {
    throw invalid(`The bundle's payload is ${quoted(bundle.payloadType)} , not a statement.`);
  }
  const { payload, signature, material, tlogEntries, rfc3161Timestamps } = bundle;
  return verifySigned(
    {
      ...{ message: pae(bundle.payloadType, payload), payload, signature, stamped: signature, material },
      ...{ tlogEntries, rfc3161Timestamps, inclusionProof: 'required' },
    },
    trust,
  );
}

/**
 * Parse the signed statement, and check that it is about `subject`. Call this only after verification: unsigned data is
 * never parsed.
 */
export function aboutSubject(
  payload: Uint8Array,
  subject: Digest,
  signer: VerifiedSigner,
): Omit<VerifiedBundle, 'signer'> {
  const statement = parseStatement(payload);
  if (!subjectMatches(statement, subject)) {
    throw invalid(`The signed statement is about another image than ${subject}.`);
  }
  return {
    statement,
    payload,
    evidence: {
      kind: 'signature',
      subject,
      predicateType: statement.predicateType,
      payload: digestOf(payload),
      signer: signer.name,
    },
  };
}

/**
 * Verify a signature and its signer, regardless of how it was stored.
 * @throws TidegateError `evidence`, `signature`
 */
export function verifySigned(signed: Signed, trust: Trust): VerifiedSigner {
  return signed.material.kind === 'certificate' ? keyless(signed, trust) : withKey(signed, trust);
}

function keyless(signed: Signed, trust: Trust): VerifiedSigner {
  if (!trust.roots || trust.roots.length === 0 || !trust.identities || trust.identities.length === 0) {
    throw invalid(
      'The bundle was signed with a certificate (keyless): verification needs a trusted root.',
      'Set a trusted root and the expected identity: a public key cannot verify it.',
    );
  }
  const witnessed = verifyWitnessed(signed, trust.roots, demandsOf(trust), undefined);
  if (witnessed.signer.kind !== 'certificate') throw invalid('The bundle has no signer.');
  const { identity } = witnessed.signer;
  const problems = trust.identities.map((expected) => identityProblems(expected, identity));
  if (!problems.some((each) => each.length === 0)) {
    const [nearest = []] = problems.toSorted((a, b) => a.length - b.length);
    throw invalid(`It was signed by another identity: its ${nearest.join('; its ')}.`);
  }
  return { name: `${identity.subject} (${identity.issuer})`, identity, ...seen(witnessed) };
}

/** Whether the signer of something that was verified with the same keys and roots is one that `trust` names. */
export function isTrustedSigner({ name, identity }: VerifiedSigner, { publicKeys, identities = [] }: Trust): boolean {
  return identity
    ? identities.some((expected) => identityProblems(expected, identity).length === 0)
    : publicKeys.some((key) => key.identity === name);
}

/** base64 of 32 bytes: the checksum of a key. */
const HINT = /^[A-Za-z0-9+/]{43}=$/;

function withKey(signed: Signed, trust: Trust): VerifiedSigner {
  const hint = signed.material.kind === 'public-key' ? signed.material.hint : undefined;
  // The hint only selects among trusted keys. It is not signed, so trusting it further would prove nothing.
  const candidates = trust.publicKeys.filter((key) => hint === undefined || key.hint === hint);
  if (candidates.length === 0) {
    const named =
      hint !== undefined && HINT.test(hint) ? ` (sha256:${Buffer.from(hint, 'base64').toString('hex')})` : '';
    throw invalid(`The bundle was signed with a key that is not trusted${named}.`);
  }
  const key = candidates.find((candidate) => verifies(candidate.key, signed.message, signed.signature));
  if (!key) throw invalid('The signature does not match the statement.');
  if (!trust.roots) {
    if (trust.log === 'required' || trust.timestamp === 'required') {
      throw invalid('Without a trusted root, its log entry and its time cannot be verified.');
    }
    return { name: key.identity, times: [], logEntries: 0 };
  }
  return { name: key.identity, ...seen(verifyWitnessed(signed, trust.roots, demandsOf(trust), key)) };
}

function demandsOf({ log = 'required', timestamp = 'optional' }: Trust) {
  return { log, timestamp };
}

function seen({ times, logEntries }: Witnessed) {
  return { times, logEntries };
}

function invalid(
  message: string,
  next = 'Do not use this image unless you know the cause: check the key and the digest.',
) {
  return new TidegateError('signature-invalid', message, { next });
}
