import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { TidegateError } from '@tidegate/core';
import { logInRekorV1 } from './rekor-v1.ts';
import {
  type Connection,
  jsonOf,
  post,
  type RequestContext,
  refused,
  requestFromAny,
  type Service,
  Stale,
  under,
  unexpected,
} from './service.ts';
import type { Signed, VerificationMaterial, Witness } from './signer.ts';

const WHAT = 'Rekor';

/**
 * Create a log entry for the signature. In Rekor v2 it is a hashedrekord with the hash of the DSSE pre-authentication
 * encoding: its specification no longer has an entry for a whole envelope. The log therefore receives only a digest,
 * never the signed data, regardless of size.
 */
export function rekorWitness(services: readonly Service[], asking: RequestContext): Witness {
  return {
    name: WHAT,
    async testify(seen) {
      const ask = async (service: Service) => ({
        tlogEntry:
          service.majorApiVersion === 1
            ? await logInRekorV1(service, seen, asking)
            : await logInRekorV2(service, seen, asking),
      });
      return requestFromAny(WHAT, services, ask, asking, seen.goodUntil);
    },
  };
}

async function logInRekorV2(
  service: Service,
  { pae, signature, material }: Signed & { readonly pae: Uint8Array },
  connection: Connection,
): Promise<object> {
  const body = {
    hashedRekordRequestV002: {
      digest: createHash('sha256').update(pae).digest('base64'),
      signature: { content: Buffer.from(signature).toString('base64'), verifier: verifierOf(material) },
    },
  };
  const answer = await post(under(service, '/api/v2/log/entries'), body, { accept: 'application/json' }, connection);
  if (answer.status === 409) throw thereAlready(service, material);
  if (answer.status !== 200 && answer.status !== 201) throw refused(WHAT, service, answer, NEXT);
  const entry = jsonOf(WHAT, service, answer);
  if (entry.canonicalizedBody === undefined || entry.inclusionProof === undefined) throw unexpected(WHAT, service);
  // protojson allows null for unset fields, and this log uses it; bundles omit these fields, to be unambiguous.
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
}

/**
 * The response to an earlier attempt was lost, or an earlier run has logged the same entry. The log returns an entry
 * with its id and proof only once, to the client that adds it: create another signature, which is accepted.
 */
function thereAlready(service: Service, material: VerificationMaterial): Error {
  const { asymmetricKeyType } =
    material.kind === 'certificate' ? new X509Certificate(material.der).publicKey : keyOf(material.spki);
  if (asymmetricKeyType !== 'rsa') return new Stale('The log already has this entry.');
  return new TidegateError(
    'log-entry-exists',
    `${WHAT} at ${service.url} already has this signature and returns an entry only once: RSA signatures of the same statement are identical.`,
    { next: 'Sign with an EC key, use the layout that was signed first, or remove rekor from witness.' },
  );
}

const NEXT = 'Check the URL and version of this log in signing-config, and that it supports this type of key.';

function verifierOf(material: VerificationMaterial): object {
  const rawBytes = (bytes: Uint8Array) => ({ rawBytes: Buffer.from(bytes).toString('base64') });
  if (material.kind === 'certificate') {
    const { publicKey } = new X509Certificate(material.der);
    return { keyDetails: keyDetails(publicKey), x509Certificate: rawBytes(material.der) };
  }
  const key = keyOf(material.spki);
  return { keyDetails: keyDetails(key), publicKey: rawBytes(material.spki) };
}

function keyOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** sigstore_common.proto, PublicKeyDetails, for signatures over SHA-256. */
function keyDetails(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  const name = `${key.asymmetricKeyType} ${namedCurve ?? modulusLength ?? ''}`;
  const details = DETAILS[name];
  if (details) return details;
  throw new TidegateError('log-key-unsupported', `Rekor does not support signatures of this key (${name.trim()}).`, {
    next: 'Use an EC P-256 or RSA key, or remove rekor from witness.',
  });
}

const DETAILS: Readonly<Record<string, string>> = {
  'ec prime256v1': 'PKIX_ECDSA_P256_SHA_256',
  'rsa 2048': 'PKIX_RSA_PKCS1V15_2048_SHA256',
  'rsa 3072': 'PKIX_RSA_PKCS1V15_3072_SHA256',
  'rsa 4096': 'PKIX_RSA_PKCS1V15_4096_SHA256',
};
