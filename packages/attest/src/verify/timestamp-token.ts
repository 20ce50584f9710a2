import { createHash } from 'node:crypto';
import type { ASN1Obj, RFC3161Timestamp } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';
import type { TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import type { SigstoreLibrary } from './trusted-root.ts';

/** More timestamps add no assurance, and each costs a signature verification. */
const MAX_TIMESTAMPS = 16;

/** CMS attributes (RFC 5652, 11.1; RFC 2634, 5.4; RFC 5035, 3). */
const ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** A hash of the authority's certificate in a token. */
interface CertificateHash {
  readonly algorithm: string;
  readonly digest: Buffer;
}

/** A parsed timestamp; its signature has not been verified. */
export interface Timestamp {
  readonly timestamp: RFC3161Timestamp;
  /** All hashes are of the same certificate: the authority's. */
  readonly certificate: readonly CertificateHash[];
}

type Invalid = (why: string, cause?: unknown) => TidegateError;

/**
 * Parse RFC 3161 responses. Responses of one authority in the same second count as one, because the library would
 * reject duplicates.
 * @throws TidegateError `evidence` for invalid responses; the error from `invalid` for one that violates RFC 3161
 */
export function readTimestamps(
  responses: readonly Uint8Array[],
  library: SigstoreLibrary,
  invalid: Invalid,
): readonly Timestamp[] {
  if (responses.length > MAX_TIMESTAMPS) throw unreadable(`The bundle has ${responses.length} timestamps.`);
  const stamps = responses.map((bytes) => readTimestamp(bytes, library, invalid));
  const witness = ({ timestamp }: Timestamp) => `${timestamp.signingTime.getTime()} ${nameOf(timestamp)}`;
  return [...new Map(stamps.toReversed().map((stamp) => [witness(stamp), stamp])).values()];
}

function readTimestamp(bytes: Uint8Array, { ASN1Obj, RFC3161Timestamp }: SigstoreLibrary, invalid: Invalid): Timestamp {
  let timestamp: RFC3161Timestamp;
  let token: { contentType: string | undefined; certificate: readonly CertificateHash[] } | string;
  try {
    timestamp = RFC3161Timestamp.parse(Buffer.from(bytes));
    // RFC 3161, 2.4.2: only `granted` and `grantedWithMods` include a token.
    if (timestamp.status > 1n) token = `was rejected by its authority (status ${timestamp.status})`;
    else {
      void [timestamp.signingTime.toISOString(), nameOf(timestamp)];
      const attributes = signedAttributes(ASN1Obj.parseBuffer(Buffer.from(bytes)));
      token =
        typeof attributes === 'string'
          ? attributes
          : {
              contentType: attributes.get(ATTRIBUTE.contentType)?.toOID(),
              certificate: certificateHashes(attributes),
            };
    }
  } catch (cause) {
    throw unreadable('The signed timestamp cannot be read: it is not an RFC 3161 response.', cause);
  }
  if (typeof token === 'string') throw invalid(`its signed timestamp ${token}`);
  const { contentType, certificate } = token;
  if (contentType !== TST_INFO) {
    throw invalid('the signed part of its timestamp does not have the content type of a timestamp (RFC 5652, 11.1)');
  }
  if (certificate.length === 0) {
    throw invalid("its signed timestamp does not name its authority's certificate (RFC 3161, 2.4.2)");
  }
  return { timestamp, certificate };
}

/** The first value of each signed attribute of the only signer, or a description of the problem. */
function signedAttributes(response: ASN1Obj): ReadonlyMap<string, ASN1Obj> | string {
  const signedData = response.subs[1]?.subs.find((one) => one.tag.isContextSpecific(0))?.subs[0];
  const signers = signedData?.subs.at(-1)?.subs ?? [];
  const [signer] = signers;
  // RFC 3161, 2.4.2: only the authority's signature is allowed. With several, the library verifies the first.
  if (!signer || signers.length > 1) return `has ${signers.length} signatures, expected only that of its authority`;
  const found = new Map<string, ASN1Obj>();
  for (const { subs } of signer.subs.find((one) => one.tag.isContextSpecific(0))?.subs ?? []) {
    const [oid, values] = subs;
    const value = values?.subs[0];
    if (!oid || !value) return 'has a signed attribute without a value';
    // RFC 5652, 5.3: at most once each.
    if (found.has(oid.toOID())) return `has the signed attribute ${oid.toOID()} twice`;
    found.set(oid.toOID(), value);
  }
  return found;
}

/**
 * ESSCertID (RFC 2634, 5.4.1: SHA-1) and ESSCertIDv2 (RFC 5035, 4: explicit hash, default SHA-256). The first entry of
 * each list is the signer's certificate; the others are its chain, which comes from the trusted root.
 */
function certificateHashes(attributes: ReadonlyMap<string, ASN1Obj>): readonly CertificateHash[] {
  const first = (oid: string) => attributes.get(oid)?.subs[0]?.subs[0]?.subs;
  const hashes: CertificateHash[] = [];
  const [one] = first(ATTRIBUTE.signingCertificate) ?? [];
  if (one?.tag.isOctetString()) hashes.push({ algorithm: 'sha1', digest: one.value });
  const [two, three] = first(ATTRIBUTE.signingCertificateV2) ?? [];
  if (two?.tag.isOctetString()) {
    hashes.push({ algorithm: 'sha256', digest: two.value });
  } else if (two && three?.tag.isOctetString()) {
    const algorithm = HASHES.get(two.subs[0]?.toOID() ?? '');
    // An unknown hash matches no certificate.
    hashes.push({ algorithm: algorithm ?? '', digest: three.value });
  }
  return hashes;
}

/**
 * The authorities, except those that a timestamp names by issuer and serial number but not by the hash of their
 * certificate: RFC 3161, 2.2 requires the requester to check the hash, but @sigstore/verify checks only the names. This
 * prevents confusion of two certificates with the same name and key but other purposes or validity periods.
 * @throws the error from `invalid` for a timestamp that matches no authority's certificate
 */
export function namedAuthorities(
  stamps: readonly Timestamp[],
  authorities: TrustMaterial['timestampAuthorities'],
  invalid: Invalid,
): TrustMaterial['timestampAuthorities'] {
  return stamps.reduce((left, { timestamp, certificate }) => {
    const sameName = left.filter(({ certChain: [leaf] }) => leaf && nameOf(timestamp) === leafName(leaf));
    const others = sameName.filter(({ certChain: [leaf] }) => {
      const der = leaf?.root.toDER() ?? Buffer.alloc(0);
      return !certificate.every(({ algorithm, digest }) => hashIs(der, algorithm, digest));
    });
    if (sameName.length > 0 && others.length === sameName.length) {
      throw invalid("its signed timestamp names a certificate that is not its authority's (ESSCertID)");
    }
    return left.filter((one) => !others.includes(one));
  }, authorities);
}

function hashIs(der: Buffer, algorithm: string, digest: Buffer): boolean {
  return algorithm !== '' && createHash(algorithm).update(der).digest().equals(digest);
}

type Leaf = TrustMaterial['timestampAuthorities'][number]['certChain'][number];

const leafName = ({ serialNumber, issuer }: Leaf) => `${serialNumber.toString('hex')} ${issuer.toString('hex')}`;

function nameOf({ signerSerialNumber, signerIssuer }: RFC3161Timestamp): string {
  return `${signerSerialNumber.toString('hex')} ${signerIssuer.toString('hex')}`;
}
