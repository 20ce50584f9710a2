import { X509Certificate as NodeCertificate } from 'node:crypto';
import type { X509Certificate } from '@sigstore/core';
import { type CertifiedIdentity, TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import {
  type CertificateParsers,
  EXTENSION,
  type Extensions,
  extendedUsagesOf,
  extensionsOf,
  USAGE,
  unknownCritical,
} from './certificate-extensions.ts';
import { claimsOf, type FulcioClaims, identityClaims, OTHER_NAME, utf8 } from './fulcio-claims.ts';

/** GeneralName (RFC 5280, 4.2.1.6): context tags 0 otherName, 1 rfc822Name, 6 uniformResourceIdentifier. */
const EMAIL = 0x81;
const URI = 0x86;
const OTHER = 0xa0;

/** A parsed leaf certificate of Fulcio; its chain is not verified yet. */
export interface SigningCertificate {
  readonly certificate: X509Certificate;
  readonly identity: CertifiedIdentity;
  readonly claims: FulcioClaims;
  readonly node: NodeCertificate;
}

/**
 * Parse a signing certificate and check the client spec's requirements for a leaf that @sigstore/verify does not check:
 * X.509 v3, no CA, digitalSignature, code signing, exactly one subject alternative name, no unknown critical extension.
 * @throws TidegateError `evidence` when it is not a certificate, `signature` when it may not sign.
 */
export function readSigningCertificate(der: Uint8Array, parsers: CertificateParsers): SigningCertificate {
  try {
    return read(der, parsers);
  } catch (error) {
    if (error instanceof TidegateError) throw error;
    // DER parsers throw their own errors on any unexpected input. Anyone with push access can attach such a certificate
    // to an image: it must not count, and must not abort the verification of the others.
    throw unreadable('The signing certificate cannot be read: an extension or its key violates RFC 5280.', error);
  }
}

function read(der: Uint8Array, parsers: CertificateParsers): SigningCertificate {
  const { node, certificate } = parse(der, parsers);
  const extensions = extensionsOf(certificate, refused);
  const [unknown] = unknownCritical(extensions);
  if (unknown !== undefined) throw refused(`it has the critical extension ${unknown}, which is not supported`);
  if (certificate.version !== 'v3') throw refused('it is not X.509 version 3');
  if (node.ca || certificate.isCA) throw refused('it is the certificate of an authority');
  if (!certificate.extKeyUsage?.digitalSignature) {
    throw refused('its key is not for signing (keyUsage lacks digitalSignature)');
  }
  if (!extendedUsagesOf(extensions, parsers).includes(USAGE.codeSigning)) {
    throw refused('it is not for code signing (extendedKeyUsage)');
  }
  const { issuer, claims } = claimsOf(extensions, parsers, refused);
  const subject = subjectOf(extensions, parsers);
  return { certificate, node, claims, identity: { issuer, subject, ...identityClaims(claims) } };
}

/**
 * The identity in a certificate, as verified by its authority. Whether that authority is trusted is a separate
 * question.
 */
export interface CertificateIdentity {
  /** Subject alternative name: a workflow's URI or a mail address. */
  readonly subject: string;
  readonly issuer: string;
  /** `subject (issuer)`, for reports. */
  readonly text: string;
  /** The complete identity that a verifier compares. */
  readonly identity: CertifiedIdentity;
  readonly claims: FulcioClaims;
}

/** @param der of a certificate that Fulcio has just issued. @throws as `readSigningCertificate` */
export async function certificateIdentity(der: Uint8Array): Promise<CertificateIdentity> {
  // Loaded lazily: only keyless signing needs it.
  const { X509Certificate, ASN1Obj } = await import('@sigstore/core');
  const { identity, claims } = readSigningCertificate(der, { X509Certificate, ASN1Obj });
  const { subject, issuer } = identity;
  return { subject, issuer, text: `${subject} (${issuer})`, identity, claims };
}

function parse(der: Uint8Array, { X509Certificate }: CertificateParsers) {
  try {
    const node = new NodeCertificate(der);
    // OpenSSL ignores trailing bytes; no signature would cover them.
    if (!node.raw.equals(der)) throw new Error('bytes follow the certificate');
    const certificate = X509Certificate.parse(Buffer.from(der));
    // The getters parse lazily: call them to detect missing fields here.
    void [certificate.notBefore, certificate.notAfter, certificate.issuer, certificate.publicKey, certificate.isCA];
    void node.publicKey;
    return { node, certificate };
  } catch (cause) {
    throw unreadable('The signing certificate cannot be read: it is not an X.509 certificate in DER.', cause);
  }
}

/** client spec: exactly one SAN. With several, a verifier would have to choose the signer. */
function subjectOf(extensions: Extensions, { ASN1Obj }: CertificateParsers): string {
  const extension = extensions.get(EXTENSION.subjectAltName);
  const names = extension ? ASN1Obj.parseBuffer(Buffer.from(extension.value)).subs : [];
  const [name] = names;
  if (!name || names.length > 1) throw refused(`it has ${names.length} subject alternative names, expected one`);
  const encoded = name.toDER();
  if (encoded[0] === URI || encoded[0] === EMAIL) return utf8(name.value);
  const [oid, wrapped] = name.subs;
  if (encoded[0] === OTHER && oid?.toOID() === OTHER_NAME && wrapped?.subs[0]) return utf8(wrapped.subs[0].value);
  throw refused('its subject alternative name is neither a URI nor an e-mail address');
}

function refused(why: string): TidegateError {
  return new TidegateError('certificate-invalid', `The signing certificate is invalid: ${why}.`, {
    next: 'Do not use this image unless you know who issued the certificate: it is not that of a Sigstore signer.',
  });
}
