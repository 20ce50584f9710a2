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
 * Hash of each curve and of RSA (PKCS#1 v1.5), from Sigstore's algorithm registry. Ed25519 hashes by itself.
 * What is not here (DSA, secp256k1, short RSA, RSA-PSS keys) is not signed with.
 */
const HASHES: Readonly<Record<string, string>> = {
  'ec prime256v1': 'sha256',
  'ec secp384r1': 'sha384',
  'ec secp521r1': 'sha512',
  rsa: 'sha256',
};
const MIN_RSA_BITS = 2048;

/** The hash to sign with; null where the algorithm brings its own. @throws TidegateError `signature` */
export function hashFor(key: KeyObject): string | null {
  const type = key.asymmetricKeyType ?? key.type;
  if (type === 'ed25519') return null;
  const details = key.asymmetricKeyDetails;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < MIN_RSA_BITS) {
    throw badKey(`The RSA key has ${details?.modulusLength} bits; at least ${MIN_RSA_BITS} are needed.`);
  }
  const hash = HASHES[type === 'ec' ? `ec ${details?.namedCurve}` : type];
  if (hash) return hash;
  const name = type === 'ec' ? `an EC key on ${details?.namedCurve}` : `a key of type ${type}`;
  throw badKey(`This is ${name}; keys are EC P-256, P-384 or P-521, RSA or Ed25519.`);
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
    throw badKey('The public key cannot be read: its PEM form is damaged or of a kind that is not known.', cause);
  }
  return publicKeyOf(key);
}

export function publicKeyOf(key: KeyObject): PublicKey {
  hashFor(key);
  const spki = key.export({ type: 'spki', format: 'der' });
  const sum = createHash('sha256').update(spki).digest();
  return { key, spki, hint: sum.toString('base64'), identity: `key sha256:${sum.toString('hex')}` };
}

export function verifies(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(hashFor(key), message, key, signature);
}

function badKey(message: string, cause?: unknown): TidegateError {
  return new TidegateError('signature', message, {
    next: 'Give the PEM text of a public key, as `cosign generate-key-pair` writes it to cosign.pub.',
    ...(cause === undefined ? {} : { cause }),
  });
}
