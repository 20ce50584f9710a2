import { X509Certificate } from 'node:crypto';
import { type Digest, digestOf, PredicateType, quoted } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { parseEvidence, unreadable } from '../statement/strict-json.ts';
import { aboutSubject, type Trust, type VerifiedBundle, type VerifiedSigner, verifySigned } from '../verify/verify.ts';
import { MAX_BUNDLE_BYTES } from './bundle.ts';
import { IN_TOTO_PAYLOAD, pae } from './dsse.ts';
import type { Signed } from './sigstore.ts';

/** Media types of cosign 2 signatures: layers of the manifest with the tag `sha256-<hex>.sig` (or `.att`). */
export const COSIGN_LAYER = {
  signature: 'application/vnd.dev.cosign.simplesigning.v1+json',
  attestation: 'application/vnd.dsse.envelope.v1+json',
} as const;

/** cosign `specs/SIGNATURE_SPEC.md`, "Properties": annotations of a layer contain its signature and related data. */
const ANNOTATION = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

const base64 = v.pipe(
  v.string(),
  v.transform((text) => ({ text, decoded: Buffer.from(text, 'base64') })),
  v.check(({ text, decoded }) => text !== '' && decoded.toString('base64') === text, 'expected base64'),
  v.transform(({ decoded }): Uint8Array => decoded),
);

const Payload = v.looseObject({
  critical: v.looseObject({
    image: v.looseObject({ 'docker-manifest-digest': v.string() }),
    type: v.picklist(['cosign container image signature', 'atomic container signature']),
  }),
});

const Envelope = v.looseObject({
  payload: base64,
  payloadType: v.string(),
  signatures: v.pipe(v.array(v.looseObject({ sig: base64 })), v.length(1)),
});

const RekorBundle = v.looseObject({
  SignedEntryTimestamp: v.string(),
  Payload: v.looseObject({
    body: v.string(),
    integratedTime: v.pipe(v.number(), v.safeInteger()),
    logIndex: v.pipe(v.number(), v.safeInteger()),
    logID: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
});

const Stamp = v.looseObject({ SignedRFC3161Timestamp: base64 });

type Annotations = Readonly<Record<string, string>>;

/** A verified cosign 2 layer. `statement` is undefined for an image signature, which is not an in-toto statement. */
export type VerifiedLayer = Omit<VerifiedBundle, 'statement'> & Partial<Pick<VerifiedBundle, 'statement'>>;

/**
 * Verify one layer that cosign 2 wrote: an image signature over its simple-signing payload, or an attestation.
 * @param content of the layer
 * @throws TidegateError `evidence`, `signature`
 */
export function verifyCosignLayer(
  content: Uint8Array,
  mediaType: string,
  annotations: Annotations,
  trust: Trust,
  subject: Digest,
): VerifiedLayer {
  switch (mediaType) {
    case COSIGN_LAYER.signature:
      return verifyImageSignature(content, annotations, trust, subject);
    case COSIGN_LAYER.attestation:
      return verifyAttestation(content, annotations, trust, subject);
    default:
      throw unreadable(`A layer of type ${quoted(mediaType)} is not a cosign signature.`);
  }
}

function verifyImageSignature(
  content: Uint8Array,
  annotations: Annotations,
  trust: Trust,
  subject: Digest,
): VerifiedLayer {
  const signature = shaped(base64, annotations[ANNOTATION.signature], `The annotation ${ANNOTATION.signature}`);
  const signer = verifySigned(
    { message: content, payload: content, signature, stamped: signature, ...witnessesOf(annotations) },
    trust,
  );
  const { critical } = shaped(
    Payload,
    parseEvidence(content, 'The signed payload', MAX_BUNDLE_BYTES),
    'The signed payload',
  );
  if (critical.image['docker-manifest-digest'] !== subject) {
    throw unreadable(`The signed payload is about another image than ${subject}.`);
  }
  return {
    payload: content,
    signer,
    evidence: {
      kind: 'signature',
      subject,
      predicateType: PredicateType.signature,
      payload: digestOf(content),
      signer: signer.name,
    },
  };
}

function verifyAttestation(
  content: Uint8Array,
  annotations: Annotations,
  trust: Trust,
  subject: Digest,
): VerifiedLayer {
  const what = 'The attestation';
  const { payload, payloadType, signatures } = shaped(Envelope, parseEvidence(content, what, MAX_BUNDLE_BYTES), what);
  if (payloadType !== IN_TOTO_PAYLOAD) throw unreadable(`${what}'s payload is not an in-toto statement.`);
  const signature = signatures[0]?.sig ?? new Uint8Array();
  const signer: VerifiedSigner = verifySigned(
    // cosign 2 timestamped the envelope, not the signature.
    { message: pae(payloadType, payload), payload, signature, stamped: content, ...witnessesOf(annotations) },
    trust,
  );
  return { ...aboutSubject(payload, subject, signer), signer };
}

function witnessesOf(
  annotations: Annotations,
): Pick<Signed, 'material' | 'tlogEntries' | 'rfc3161Timestamps' | 'inclusionProof'> {
  const { [ANNOTATION.certificate]: pem, [ANNOTATION.bundle]: bundle, [ANNOTATION.timestamp]: stamp } = annotations;
  const json = (text: string, what: string) => parseEvidence(Buffer.from(text), what, MAX_BUNDLE_BYTES);
  const stampName = `The annotation ${ANNOTATION.timestamp}`;
  return {
    material: pem ? { kind: 'certificate', der: certificateOf(pem) } : { kind: 'public-key', hint: undefined },
    tlogEntries: bundle ? [entryOf(json(bundle, `The annotation ${ANNOTATION.bundle}`))] : [],
    rfc3161Timestamps: stamp ? [shaped(Stamp, json(stamp, stampName), stampName).SignedRFC3161Timestamp] : [],
    inclusionProof: 'optional',
  };
}

function certificateOf(pem: string): Uint8Array {
  try {
    return new X509Certificate(pem).raw;
  } catch (cause) {
    throw unreadable(`The annotation ${ANNOTATION.certificate} is not a certificate.`, cause);
  }
}

/** Convert Rekor v1's promise from cosign 2's format to the format of bundles. */
function entryOf(value: unknown): unknown {
  const { SignedEntryTimestamp: promise, Payload: entry } = shaped(
    RekorBundle,
    value,
    `The annotation ${ANNOTATION.bundle}`,
  );
  const body = parseEvidence(Buffer.from(entry.body, 'base64'), 'The log entry', MAX_BUNDLE_BYTES);
  const { kind, apiVersion } = shaped(
    v.looseObject({ kind: v.string(), apiVersion: v.string() }),
    body,
    'The log entry',
  );
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: entry.body,
  };
}
