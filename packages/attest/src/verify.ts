import { type Digest, digestOf, type SignatureEvidence, type Statement, TidegateError } from '@tidegate/core';
import { parseBundle } from './bundle.ts';
import { IN_TOTO_PAYLOAD, pae } from './dsse.ts';
import { type PublicKey, verifies } from './public-key.ts';
import { parseStatement, subjectMatches } from './statement.ts';

/** Whose signatures count. It comes from the caller, never from what is being verified. */
export interface Trust {
  readonly publicKeys: readonly PublicKey[];
}

export interface VerifiedBundle {
  readonly statement: Statement<Readonly<Record<string, unknown>>>;
  /** The signed bytes: what `evidenceOf` reads. */
  readonly payload: Uint8Array;
  readonly evidence: SignatureEvidence;
}

/**
 * Check a bundle against keys: payload type, signature, and that it is about `subject`. Log entries and timestamps
 * are not looked at here: without a trusted root they prove nothing.
 * @throws TidegateError `evidence` when it cannot be read, `signature` when it does not hold.
 */
export function verifyBundle(content: Uint8Array, trust: Trust, subject: Digest): VerifiedBundle {
  const bundle = parseBundle(content);
  if (bundle.material.kind === 'certificate') {
    throw invalid(
      'The bundle was signed with a certificate (keyless): checking it needs a trusted root.',
      'Give a trusted root and the identity to expect; a public key cannot check it.',
    );
  }
  if (bundle.payloadType !== IN_TOTO_PAYLOAD) {
    throw invalid(`The bundle's payload is ${JSON.stringify(bundle.payloadType.slice(0, 80))} and not a statement.`);
  }
  const { hint } = bundle.material;
  // The hint only chooses among trusted keys; it is not signed, and trusting it further would prove nothing.
  const candidates = trust.publicKeys.filter((key) => hint === undefined || key.hint === hint);
  if (candidates.length === 0) {
    throw invalid('The bundle was signed with a key that is not among the trusted ones.');
  }
  const message = pae(bundle.payloadType, bundle.payload);
  const signer = candidates.find(({ key }) => verifies(key, message, bundle.signature));
  if (!signer) throw invalid('The signature does not match the statement.');
  // Only now: nothing unsigned reaches the parser of statements.
  const statement = parseStatement(bundle.payload);
  if (!subjectMatches(statement, subject)) {
    throw invalid(`The signed statement is about another image than ${subject}.`);
  }
  return {
    statement,
    payload: bundle.payload,
    evidence: {
      kind: 'signature',
      subject,
      predicateType: statement.predicateType,
      payload: digestOf(bundle.payload),
      signer: signer.identity,
    },
  };
}

function invalid(message: string, next = 'Do not use this image unless you know why: check the key and the digest.') {
  return new TidegateError('signature', message, { next });
}
