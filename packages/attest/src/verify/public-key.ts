import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { TidegateError } from '@tidegate/core';

/** A public key that a signature may be checked against, and its names. */
export interface PublicKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** base64(sha256(SPKI)): how bundles point at a key. */
  readonly hint: string;
  /** `key sha256:…`, for reports. */
  readonly identity: string;
}

/**
 * Hashes that a signature by each kind of key may have been made with; the first is the one to sign with.
 * `cosign verify --key` takes SHA-256 whatever the curve, and plain Ed25519 (tried with 3.1.3; protobuf-specs has
 * PKIX_ECDSA_P384_SHA_256 for its sake), so that is written. `cosign sign` writes the hash of Sigstore's algorithm
 * registry, which is read too; its Ed25519ph is not, as node:crypto has none. What is not here (DSA, secp256k1, short RSA, RSA-PSS keys) is not signed with.
 */
const HASHES: Readonly<Record<string, readonly [string | null, ...(string | null)[]]>> = {
  'ec prime256v1': ['sha256'],
  'ec secp384r1': ['sha256', 'sha384'],
  'ec secp521r1': ['sha256', 'sha512'],
  rsa: ['sha256'],
  ed25519: [null],
};
const MIN_RSA_BITS = 2048;

/** null where the algorithm brings its own hash. @throws TidegateError `signature` for a kind that is not signed with. */
export function hashesOf(key: KeyObject): readonly [string | null, ...(string | null)[]] {
  const type = key.asymmetricKeyType ?? key.type;
  const details = key.asymmetricKeyDetails;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < MIN_RSA_BITS) {
    throw unsupported(`The RSA key has ${details?.modulusLength} bits, but at least ${MIN_RSA_BITS} are required.`);
  }
  const hashes = HASHES[type === 'ec' ? `ec ${details?.namedCurve}` : type];
  if (hashes) return hashes;
  const name = type === 'ec' ? `an EC key on ${details?.namedCurve}` : `a key of type ${type}`;
  throw unsupported(`This is ${name}. Supported keys are EC P-256, P-384 or P-521, RSA and Ed25519.`);
}

/** PEM `PUBLIC KEY` (SPKI) or `RSA PUBLIC KEY`. @throws TidegateError `signature` */
export function parsePublicKey(pem: string): PublicKey {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  // createPublicKey would derive one from a private key: then a secret lies where public keys are kept.
  if (label?.includes('PRIVATE KEY')) throw badKey('A private key was given where a public key is expected.');
  if (label === 'CERTIFICATE') throw badKey('A certificate was given where a public key is expected.');
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY') throw badKey('This is not a public key in PEM form.');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw badKey('The public key cannot be read: its PEM text is damaged or of an unknown type.', cause);
  }
  return publicKeyOf(key);
}

export function publicKeyOf(key: KeyObject): PublicKey {
  hashesOf(key);
  const spki = key.export({ type: 'spki', format: 'der' });
  const sum = createHash('sha256').update(spki).digest();
  return { key, spki, hint: sum.toString('base64'), identity: `key sha256:${sum.toString('hex')}` };
}

export function verifies(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return hashesOf(key).some((hash) => verify(hash, message, key, signature));
}

function badKey(message: string, cause?: unknown): TidegateError {
  return new TidegateError('signature', message, {
    next: 'Set the PEM text of a public key, as written by `cosign generate-key-pair` to cosign.pub.',
    cause,
  });
}

/** Of private keys too: what is wrong is the kind, not the text. */
function unsupported(message: string): TidegateError {
  return new TidegateError('signature', message, { next: 'Create a key with `cosign generate-key-pair`.' });
}
