import { generateKeyPair, type KeyObject, sign as signWith, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { TidegateError } from '@tidegate/core';
import { certificateIdentity } from '../verify/certificate.ts';
import { challengeOf, type IdentityTokens, SIGSTORE_AUDIENCE } from './identity-token.ts';
import {
  jsonOf,
  post,
  type RequestContext,
  refused,
  requestFromAny,
  type Service,
  under,
  unexpected,
} from './service.ts';
import type { Signer } from './signer.ts';

/** Signs with a key that exists only for this run, with a certificate for the identity that requested it. */
export interface KeylessSigner extends Signer {
  /** The leaf certificate, DER: its extensions are the claims that Fulcio has verified. */
  readonly certificate: Uint8Array;
  /** Fulcio's certificate that follows the leaf in its answer, DER: the issuer. Absent if the answer has none. */
  readonly issuer?: Uint8Array | undefined;
}

export interface KeylessOptions extends RequestContext {
  readonly fulcio: readonly Service[];
  readonly tokens: IdentityTokens;
  /** Of the token. Default: `sigstore`. */
  readonly audience?: string | undefined;
}

interface Certified {
  readonly privateKey: KeyObject;
  readonly der: Uint8Array;
  readonly issuer: Uint8Array | undefined;
  readonly notAfter: Date;
}

/**
 * In milliseconds. A signature needs its log entry and timestamp before the certificate expires: reserve time for them.
 */
const MARGIN_MS = 60_000;
const WHAT = 'Fulcio';
const NEXT =
  'Check that the job has `permissions: id-token: write`, and that this Fulcio trusts the issuer of the token.';
const newKey = promisify(generateKeyPair);
const signAsync = promisify(signWith) as (hash: string, message: Uint8Array, key: KeyObject) => Promise<Buffer>;

/**
 * Request a certificate from Fulcio now, and another one only when the first is about to expire. All statements of a
 * run share it.
 * @throws TidegateError `signature` when the token is invalid or Fulcio rejects it, `network` when Fulcio does not
 * respond
 */
export async function keylessSigner(options: KeylessOptions): Promise<KeylessSigner> {
  if (options.fulcio.length === 0) {
    throw new TidegateError(
      'signing-config-unusable',
      'The signing config contains no Fulcio that is currently valid.',
      {
        next: 'Use a signing config with caUrls, or sign with a key.',
      },
    );
  }
  let held = certify(options);
  const { der, issuer } = await held;
  const current = async (): Promise<Certified> => {
    const mine = held;
    const { notAfter } = await mine;
    if (options.clock().getTime() < notAfter.getTime() - MARGIN_MS) return mine;
    // Several statements may find it expired at once: only one requests a new one.
    if (held === mine) {
      options.notice('The certificate of this run has expired. Requesting a new one from Fulcio.');
      held = certify(options);
    }
    return held;
  };
  return {
    identity: (await certificateIdentity(der)).text,
    certificate: der,
    issuer,
    async sign(pae) {
      const { privateKey, der: certificate, notAfter } = await current();
      const goodUntil = new Date(notAfter.getTime() - MARGIN_MS / 6);
      const signature = await signAsync('sha256', pae, privateKey);
      return { signature, material: { kind: 'certificate', der: certificate }, goodUntil };
    },
  };
}

async function certify(options: KeylessOptions): Promise<Certified> {
  const { privateKey, publicKey } = await newKey('ec', { namedCurve: 'P-256' });
  return requestFromAny(
    WHAT,
    options.fulcio,
    async (service) => {
      // A new token for each attempt: the previous one may have expired during an outage of Fulcio.
      const { audience = SIGSTORE_AUDIENCE } = options;
      const token = (await options.tokens(audience)).trim();
      const challenge = Buffer.from(challengeOf(token, options.clock(), audience));
      const proof = await signAsync('sha256', challenge, privateKey);
      const answer = await post(
        under(service, '/api/v2/signingCert'),
        {
          credentials: { oidcIdentityToken: token },
          publicKeyRequest: {
            publicKey: { algorithm: 'ECDSA', content: publicKey.export({ type: 'spki', format: 'pem' }) },
            proofOfPossession: proof.toString('base64'),
          },
        },
        { accept: 'application/json' },
        options,
      );
      if (answer.status !== 200 && answer.status !== 201) throw refused(WHAT, service, answer, NEXT);
      const [leaf, issuer] = chainOf(jsonOf(WHAT, service, answer));
      if (!leaf?.checkPrivateKey(privateKey)) throw unexpected(WHAT, service);
      return { privateKey, der: leaf.raw, issuer: issuer?.raw, notAfter: leaf.validToDate };
    },
    options,
  );
}

/** fulcio.proto, SigningCertificate: with the log's promise (SCT) embedded in the certificate, or detached. */
function chainOf(answer: Record<string, unknown>): readonly (X509Certificate | undefined)[] {
  const signed = (answer.signedCertificateEmbeddedSct ?? answer.signedCertificateDetachedSct) as
    | { chain?: { certificates?: unknown[] } }
    | undefined;
  return (signed?.chain?.certificates ?? []).slice(0, 2).map((pem) => {
    if (typeof pem !== 'string') return undefined;
    try {
      return new X509Certificate(pem);
    } catch {
      return undefined;
    }
  });
}
