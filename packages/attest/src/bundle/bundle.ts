import { X509Certificate } from 'node:crypto';
import { MediaType, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { Stale } from '../sign/service.ts';
import type { Signer, VerificationMaterial, Witness } from '../sign/signer.ts';
import { parseProtoJson } from '../statement/protojson.ts';
import { shaped } from '../statement/shape.ts';
import { MAX_STATEMENT_BYTES } from '../statement/statement.ts';
import { unreadable } from '../statement/strict-json.ts';
import { IN_TOTO_PAYLOAD, pae } from './dsse.ts';

/** In bytes: the largest statement as base64, plus room for certificates and log entries. */
export const MAX_BUNDLE_BYTES = Math.ceil((MAX_STATEMENT_BYTES * 4) / 3) + 1024 * 1024;

/** A Sigstore bundle over a DSSE envelope, decoded. Nothing in it has been verified. */
export interface Bundle {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly material:
    | { readonly kind: 'public-key'; readonly hint: string | undefined }
    | { readonly kind: 'certificate'; readonly der: Uint8Array };
  readonly tlogEntries: readonly unknown[];
  readonly rfc3161Timestamps: readonly Uint8Array[];
}

/** A bundle as it is stored, and its parsed form. */
export interface MadeBundle {
  /** The bundle's JSON bytes. */
  readonly content: Uint8Array;
  readonly bundle: Bundle;
}

/**
 * Sign a statement and wrap it in the format of sigstore/protobuf-specs `sigstore_bundle.proto` (v0.3, protojson).
 * Witnesses are requested concurrently; if one fails, the bundle fails. ECDSA is not deterministic: to sign only what
 * is not signed yet, compare `SignatureEvidence.payload` and `.signer` of existing bundles.
 */
export async function signBundle(
  statement: Uint8Array,
  signer: Signer,
  witnesses: readonly Witness[] = [],
): Promise<MadeBundle> {
  const { signature, material, testimonies } = await signAndTestify(statement, signer, witnesses);
  const tlogEntries = testimonies.flatMap((seen) => ('tlogEntry' in seen ? [seen.tlogEntry] : []));
  const rfc3161Timestamps = testimonies.flatMap((seen) => ('rfc3161Timestamp' in seen ? [seen.rfc3161Timestamp] : []));
  const stamps = rfc3161Timestamps.map((stamp) => ({ signedTimestamp: base64(stamp) }));
  const beside = JSON.stringify({
    mediaType: MediaType.bundle,
    verificationMaterial: {
      ...materialJson(material),
      tlogEntries: tlogEntries.length > 0 ? tlogEntries : undefined,
      timestampVerificationData: stamps.length > 0 ? { rfc3161Timestamps: stamps } : undefined,
    },
  });
  const signed = JSON.stringify({
    payloadType: IN_TOTO_PAYLOAD,
    // cosign takes a present keyid as the key's name, does not find it and rejects the bundle: leave it empty.
    signatures: [{ sig: base64(signature), keyid: '' }],
  });
  // Build the JSON by hand: an SBOM has megabytes of base64, and JSON.stringify would search them for characters to
  // escape.
  const content = Buffer.concat([
    Buffer.from(`${beside.slice(0, -1)},"dsseEnvelope":{"payload":"`, 'utf8'),
    Buffer.from(base64(statement), 'latin1'),
    Buffer.from(`",${signed.slice(1)}}`, 'utf8'),
  ]);
  const bundle: Bundle = {
    payloadType: IN_TOTO_PAYLOAD,
    payload: statement,
    signature,
    material:
      material.kind === 'public-key'
        ? { kind: 'public-key', hint: material.hint || undefined }
        : { kind: 'certificate', der: material.der },
    // Round-trip through JSON, so that values that JSON cannot represent are absent, as for a reader.
    tlogEntries: JSON.parse(JSON.stringify(tlogEntries)),
    rfc3161Timestamps,
  };
  return { content, bundle };
}

/** Like `signBundle`, but returns only the bytes. */
export async function makeBundle(
  statement: Uint8Array,
  signer: Signer,
  witnesses: readonly Witness[] = [],
): Promise<Uint8Array> {
  return (await signBundle(statement, signer, witnesses)).content;
}

/** Attempts to sign. A certificate that expires while a witness is pending is useless: sign again with a new one. */
const TRIES = 3;

async function signAndTestify(payload: Uint8Array, signer: Signer, witnesses: readonly Witness[]) {
  const message = pae(IN_TOTO_PAYLOAD, payload);
  for (let left = TRIES - 1; ; left -= 1) {
    const signed = await signer.sign(message);
    try {
      const seen = { ...signed, pae: message, payload };
      const testimonies = await Promise.all(witnesses.map((witness) => witness.testify(seen)));
      return { ...signed, testimonies };
    } catch (error) {
      if (!(error instanceof Stale)) throw error;
      if (left > 0) continue;
      throw new TidegateError(
        'signing-service-unreachable',
        `${error.message} Signed ${TRIES} times, but never recorded in time.`,
        {
          next: 'Run again when the log and the timestamp authority respond faster.',
        },
      );
    }
  }
}

function materialJson(material: VerificationMaterial): object {
  return material.kind === 'public-key'
    ? { publicKey: { hint: material.hint } }
    : { certificate: { rawBytes: base64(material.der) } };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Accepts only one encoding of each byte string, so that an altered bundle is never read as the same. */
const bytes = v.pipe(
  v.string(),
  v.transform((text) => ({ text, decoded: Buffer.from(text, 'base64') })),
  v.check(({ text, decoded }) => decoded.toString('base64') === text, 'expected base64'),
  v.transform(({ decoded }): Uint8Array => decoded),
);

/**
 * The certificate field of each version: a single certificate, or the first of a chain; the rest of the chain is
 * ignored (client spec, 4.6).
 */
const CERTIFICATE_FIELD: Readonly<Record<string, 'certificate' | 'x509CertificateChain'>> = {
  [MediaType.bundle]: 'certificate',
  'application/vnd.dev.sigstore.bundle+json;version=0.3': 'certificate',
  'application/vnd.dev.sigstore.bundle+json;version=0.2': 'x509CertificateChain',
};
const MOST_CERTIFICATES = 10;

const certificate = v.looseObject({ rawBytes: bytes });
const BundleShape = v.looseObject({
  mediaType: v.picklist(Object.keys(CERTIFICATE_FIELD)),
  verificationMaterial: v.looseObject({
    publicKey: v.optional(v.looseObject({ hint: v.optional(v.string()) })),
    certificate: v.optional(certificate),
    x509CertificateChain: v.optional(
      v.looseObject({
        certificates: v.pipe(v.array(certificate), v.minLength(1), v.maxLength(MOST_CERTIFICATES)),
      }),
    ),
    tlogEntries: v.optional(v.array(v.unknown()), []),
    timestampVerificationData: v.optional(
      v.looseObject({ rfc3161Timestamps: v.optional(v.array(v.looseObject({ signedTimestamp: bytes })), []) }),
    ),
  }),
  dsseEnvelope: v.looseObject({
    payload: bytes,
    payloadType: v.string(),
    // sigstore_bundle.proto: a DSSE envelope in a bundle must hold exactly one signature. With several, a reader
    // would have to choose which one counts, and readers choose differently.
    signatures: v.pipe(v.array(v.looseObject({ sig: bytes, keyid: v.optional(v.string()) })), v.length(1)),
  }),
});

/**
 * @throws TidegateError `evidence` for input that is not a bundle with one DSSE signature. Versions 0.2 and 0.3 are
 * supported; docs/decisions/0016-bundle-format.md explains why 0.1 is not.
 */
export function parseBundle(content: Uint8Array): Bundle {
  const value = parseProtoJson(content, 'The bundle', MAX_BUNDLE_BYTES);
  if (typeof value === 'object' && value !== null && 'messageSignature' in value) {
    throw unreadable('The bundle signs a bare digest (messageSignature), not a statement.');
  }
  const { mediaType, verificationMaterial, dsseEnvelope } = shaped(BundleShape, value, 'The bundle');
  const [signature] = dsseEnvelope.signatures;
  if (!signature) throw unreadable('The bundle has no signature.');
  return {
    payloadType: dsseEnvelope.payloadType,
    payload: dsseEnvelope.payload,
    signature: signature.sig,
    material: materialOf(mediaType, verificationMaterial),
    tlogEntries: verificationMaterial.tlogEntries,
    rfc3161Timestamps: (verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []).map(
      ({ signedTimestamp }) => signedTimestamp,
    ),
  };
}

/**
 * Exactly one of the three fields, and the one of this version: if there were two, readers would choose differently.
 */
function materialOf(
  mediaType: string,
  material: v.InferOutput<typeof BundleShape>['verificationMaterial'],
): Bundle['material'] {
  const { publicKey, certificate: alone, x509CertificateChain: chain } = material;
  const field = CERTIFICATE_FIELD[mediaType];
  if ((field === 'certificate' ? chain : alone) !== undefined) {
    throw unreadable(`The bundle must have its certificate in ${field} in this version.`);
  }
  const leaf = alone ?? chain?.certificates[0];
  if ((publicKey === undefined) === (leaf === undefined)) {
    throw unreadable('The bundle must contain either a public key or a certificate.');
  }
  for (const { rawBytes } of chain?.certificates.slice(1) ?? []) assertNoRoot(rawBytes);
  return leaf
    ? { kind: 'certificate', der: leaf.rawBytes }
    : { kind: 'public-key', hint: publicKey?.hint || undefined };
}

/**
 * sigstore_bundle.proto: "Signers MUST NOT include root CA certificates in bundles". Intermediates after the leaf are
 * superfluous and are ignored: the chain is built from the trusted root only.
 */
function assertNoRoot(der: Uint8Array): void {
  let behind: X509Certificate;
  try {
    behind = new X509Certificate(der);
  } catch (cause) {
    throw unreadable('The bundle has invalid data after its certificate.', cause);
  }
  if (behind.issuer === behind.subject) throw unreadable('The bundle contains its own root certificate.');
}
