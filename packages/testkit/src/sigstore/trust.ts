import type { X509Certificate } from 'node:crypto';
import { type SigstoreKeys, sha256Of, spkiOf } from './keys.ts';

export interface SigstoreUrls {
  readonly fulcio: string;
  readonly rekor: string;
  readonly ctLog: string;
  /** With its path: the URL for timestamp requests. */
  readonly timestamps: string;
  readonly issuer: string;
}

/** Sigstore's `trustroot.proto`, as JSON: the input of a verifier. */
export function trustedRootOf(keys: SigstoreKeys, urls: SigstoreUrls, start: Date): object {
  const validFor = { start: start.toISOString() };
  const authority = (uri: string, chain: readonly X509Certificate[]) => ({
    subject: { organization: 'Tidegate tests', commonName: 'loopback' },
    uri,
    certChain: { certificates: chain.map((one) => ({ rawBytes: one.raw.toString('base64') })) },
    validFor,
  });
  const log = (baseUrl: string, spki: Buffer, keyDetails: string, keyId: Buffer) => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: spki.toString('base64'), keyDetails, validFor },
    logId: { keyId: keyId.toString('base64') },
  });
  const rekor = spkiOf(keys.rekor);
  const ctLog = spkiOf(keys.ctLog);
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    // C2SP signed-note: a verifier's id covers its name, the type of key (1: Ed25519) and the 32 bytes of the key.
    tlogs: [log(urls.rekor, rekor, 'PKIX_ED25519', sha256Of('127.0.0.1', '\n\x01', rekor.subarray(-32)))],
    certificateAuthorities: [authority(urls.fulcio, keys.fulcioChain)],
    ctlogs: [log(urls.ctLog, ctLog, 'PKIX_ECDSA_P256_SHA_256', sha256Of(ctLog))],
    timestampAuthorities: [authority(urls.timestamps, keys.timestampChain)],
  };
}

/** The same for a signer: the services to use. */
export function signingConfigOf(urls: SigstoreUrls, start: Date): object {
  const service = (url: string, majorApiVersion: number) => ({
    url,
    majorApiVersion,
    validFor: { start: start.toISOString() },
    operator: 'loopback',
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(urls.fulcio, 1)],
    oidcUrls: [service(urls.issuer, 1)],
    rekorTlogUrls: [service(urls.rekor, 2)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service(urls.timestamps, 1)],
    tsaConfig: { selector: 'ANY' },
  };
}
