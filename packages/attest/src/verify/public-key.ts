import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { TidegateError } from '@tidegate/core';

/** A trusted public key, and its names. */
export interface PublicKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** base64(sha256(SPKI)): bundles refer to a key by this value. */
  readonly hint: string;
  /** `key sha256:…`, for reports. */
  readonly identity: string;
}

/**
 * Hashes that are allowed for signatures of each kind of key; the first is used to sign. `cosign verify --key` expects
 * SHA-256 for every curve, and plain Ed25519 (tested with 3.1.3; protobuf-specs has PKIX_ECDSA_P384_SHA_256 for this
 * reason), so these are written. `cosign sign` writes the hash of Sigstore's algorithm registry, which is also
 * accepted; its Ed25519ph is not, because node:crypto does not support it. Kinds that are not listed (DSA, secp256k1,
 * short RSA, RSA-PSS keys) are not supported for signing.
 */
const HASHES: Readonly<Record<string, readonly [string | null, ...(string | null)[]]>> = {
  'ec prime256v1': ['sha256'],
  'ec secp384r1': ['sha256', 'sha384'],
  'ec secp521r1': ['sha256', 'sha512'],
  rsa: ['sha256'],
  ed25519: [null],
};
const MIN_RSA_BITS = 2048;

type Hashes = readonly [string | null, ...(string | null)[]];

/** null if the algorithm includes its own hash. @throws TidegateError `bad-input` for an unsupported kind of key. */
export function hashesOf(key: KeyObject): Hashes {
  const hashes = hashesOrProblem(key);
  if (typeof hashes === 'string') throw unsupported(hashes);
  return hashes;
}

function hashesOrProblem(key: KeyObject): Hashes | string {
  const type = key.asymmetricKeyType ?? key.type;
  const details = key.asymmetricKeyDetails;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < MIN_RSA_BITS) {
    return `The RSA key has ${details?.modulusLength} bits, but at least ${MIN_RSA_BITS} are required.`;
  }
  const hashes = HASHES[type === 'ec' ? `ec ${details?.namedCurve}` : type];
  if (hashes) return hashes;
  const name = type === 'ec' ? `an EC key on ${details?.namedCurve}` : `a key of type ${type}`;
  return `This is ${name}. Supported keys are EC P-256, P-384 or P-521, RSA and Ed25519.`;
}

/** PEM `PUBLIC KEY` (SPKI) or `RSA PUBLIC KEY`. @throws TidegateError `bad-input` */
export function parsePublicKey(pem: string): PublicKey {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  // createPublicKey would derive a public key from a private key: then a secret is stored where public keys belong.
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

/** False also for an unsupported kind of key: a certificate beside the image may have one, which is no bad input. */
export function verifies(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const hashes = hashesOrProblem(key);
  if (typeof hashes === 'string') return false;
  return hashes.some((hash) => verify(hash, message, key, signature));
}

function badKey(message: string, cause?: unknown): TidegateError {
  return new TidegateError('public-key-unusable', message, {
    next: 'Set the PEM text of a public key, as written by `cosign generate-key-pair` to cosign.pub.',
    cause,
  });
}

/** Also used for private keys: the kind of the key is unsupported, the text is valid. */
function unsupported(message: string): TidegateError {
  return new TidegateError('public-key-unusable', message, { next: 'Create a key with `cosign generate-key-pair`.' });
}
