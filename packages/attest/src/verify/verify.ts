import {
  type CertifiedIdentity,
  type Digest,
  digestOf,
  type ExpectedIdentity,
  identityProblems,
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

/** Whose signatures count. It comes from the caller, never from what is being verified. */
export interface Trust {
  readonly publicKeys: readonly PublicKey[];
  /** Who may have signed keyless: one of them. */
  readonly identities?: readonly ExpectedIdentity[] | undefined;
  /** Needed for keyless signatures; for keys, log entries and timestamps are held against it where it is given. */
  readonly roots?: SigstoreRoots | undefined;
  /** Whether a signature must be in a log of the roots. Default: `required` where roots are given. */
  readonly log?: 'required' | 'optional' | undefined;
  /** Whether it must have a signed timestamp beside. Default: `optional`; a keyless one needs a time in any case. */
  readonly timestamp?: 'required' | 'optional' | undefined;
}

/** What was verified about whoever signed. */
export interface VerifiedSigner {
  /** `key sha256:…`, or the certificate's identity and who vouched for it. */
  readonly name: string;
  /** Keyless only. */
  readonly identity?: CertifiedIdentity | undefined;
  /** When the signature was there already; empty where nobody trusted says. */
  readonly times: readonly Date[];
  readonly logEntries: number;
}

export interface VerifiedBundle {
  readonly statement: Statement<Readonly<Record<string, unknown>>>;
  /** The signed bytes: what `evidenceOf` reads. */
  readonly payload: Uint8Array;
  readonly evidence: SignatureEvidence;
  readonly signer: VerifiedSigner;
}

/**
 * Check a bundle: payload type, signature, who signed, log and timestamps where roots are given, and that it is about
 * `subject`. With keys and no roots, log entries and timestamps are not looked at: they would prove nothing.
 * @throws TidegateError `evidence` when it cannot be read, `signature` when it does not hold.
 */
export function verifyBundle(content: Uint8Array, trust: Trust, subject: Digest): VerifiedBundle {
  const bundle = parseBundle(content);
  const signer = verifySignature(bundle, trust);
  return { ...aboutSubject(bundle.payload, subject, signer), signer };
}

/**
 * All of `verifyBundle` but what the statement says: for who knows the payload by its digest.
 * @throws TidegateError `evidence`, `signature`
 */
export function verifySignature(bundle: Bundle, trust: Trust): VerifiedSigner {
  if (bundle.payloadType !== IN_TOTO_PAYLOAD) {
    throw invalid(`The bundle's payload is ${JSON.stringify(bundle.payloadType.slice(0, 80))} , not a statement.`);
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

/** Read what was signed, and hold it to be about `subject`. Only after the signature: nothing unsigned is parsed. */
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
 * Check a signature and who made it, however it was stored.
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

function withKey(signed: Signed, trust: Trust): VerifiedSigner {
  const hint = signed.material.kind === 'public-key' ? signed.material.hint : undefined;
  // The hint only chooses among trusted keys; it is not signed, and trusting it further would prove nothing.
  const candidates = trust.publicKeys.filter((key) => hint === undefined || key.hint === hint);
  if (candidates.length === 0) {
    throw invalid('The bundle was signed with a key that is not trusted.');
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
  return new TidegateError('signature', message, { next });
}
