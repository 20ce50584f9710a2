import { X509Certificate as NodeCertificate } from 'node:crypto';
import type { ASN1Obj, X509Certificate } from '@sigstore/core';
import { type CertifiedIdentity, TidegateError } from '@tidegate/core';
import { unreadable } from './strict-json.ts';

const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const;
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** fulcio `docs/oid-info.md`: below 1.3.6.1.4.1.57264.1, DER-encoded UTF8String from .8 on; .1 is bare text. */
const FULCIO = '1.3.6.1.4.1.57264.1';
const OTHER_NAME = `${FULCIO}.7`;

/** What every X.509 reader of Sigstore processes; RFC 5280, 4.2: any other critical extension refuses the certificate. */
const PROCESSED: ReadonlySet<string> = new Set(Object.values(OID));

/** GeneralName (RFC 5280, 4.2.1.6): context tags 0 otherName, 1 rfc822Name, 6 uniformResourceIdentifier. */
const EMAIL = 0x81;
const URI = 0x86;
const OTHER = 0xa0;
const UTF8_STRING = 0x0c;

type Extensions = ReadonlyMap<string, { readonly critical: boolean; readonly value: Buffer }>;

/** A leaf certificate of Fulcio's, read; not yet chained to anything. */
export interface SigningCertificate {
  readonly certificate: X509Certificate;
  readonly identity: CertifiedIdentity;
  readonly node: NodeCertificate;
}

/** The library's parsers, loaded only where a certificate has to be read. */
export interface CertificateParsers {
  readonly X509Certificate: typeof X509Certificate;
  readonly ASN1Obj: typeof ASN1Obj;
}

/**
 * Read a signing certificate and hold it to what the client spec asks of a leaf, which @sigstore/verify does not look
 * at: X.509 v3, no CA, digitalSignature, code signing, exactly one subject alternative name, nothing critical unknown.
 * @throws TidegateError `evidence` when it is no certificate, `signature` when it may not sign.
 */
export function readSigningCertificate(der: Uint8Array, parsers: CertificateParsers): SigningCertificate {
  const { node, certificate } = parse(der, parsers);
  const extensions = extensionsOf(certificate);
  for (const [oid, { critical }] of extensions) {
    if (critical && !PROCESSED.has(oid)) throw refused(`it has the critical extension ${oid}, which nobody here knows`);
  }
  if (certificate.version !== 'v3') throw refused('it is not of X.509 version 3');
  if (node.ca || certificate.isCA) throw refused("it is an authority's own");
  const usage = certificate.extKeyUsage;
  if (!usage?.digitalSignature) throw refused('its key may not make signatures (keyUsage lacks digitalSignature)');
  if (!usagesOf(extensions, parsers).includes(CODE_SIGNING)) {
    throw refused('it is not for code signing (extendedKeyUsage)');
  }
  return { certificate, node, identity: identityOf(extensions, parsers) };
}

/** RFC 3161, 2.3: whose certificate may sign timestamps. */
export function maySignTimestamps(certificate: X509Certificate, parsers: CertificateParsers): boolean {
  const usages = usagesOf(extensionsOf(certificate), parsers);
  return usages.length === 1 && usages[0] === TIME_STAMPING;
}

function parse(der: Uint8Array, { X509Certificate }: CertificateParsers) {
  try {
    const node = new NodeCertificate(der);
    // OpenSSL reads on where bytes follow; what is appended would be covered by nothing.
    if (!node.raw.equals(der)) throw new Error('bytes follow the certificate');
    const certificate = X509Certificate.parse(Buffer.from(der));
    // The getters read lazily: what is not there shall be found here.
    void [certificate.notBefore, certificate.notAfter, certificate.issuer, certificate.publicKey, certificate.isCA];
    return { node, certificate };
  } catch (cause) {
    throw unreadable('The signing certificate cannot be read: it is no X.509 certificate in DER form.', cause);
  }
}

function extensionsOf(certificate: X509Certificate): Extensions {
  const found = new Map<string, { critical: boolean; value: Buffer }>();
  for (const { subs } of certificate.extensions) {
    const [oid, second] = subs;
    const value = subs.at(-1);
    if (!oid || !second || !value) throw unreadable('The signing certificate has an extension without a value.');
    const name = oid.toOID();
    // RFC 5280, 4.2: at most once. Two would let two readers see two identities.
    if (found.has(name)) throw refused(`it has the extension ${name} twice`);
    found.set(name, { critical: subs.length === 3 && second.toBoolean(), value: value.value });
  }
  return found;
}

function usagesOf(extensions: Extensions, { ASN1Obj }: CertificateParsers): readonly string[] {
  const extension = extensions.get(OID.extendedKeyUsage);
  if (!extension) return [];
  return ASN1Obj.parseBuffer(Buffer.from(extension.value)).subs.map((usage) => usage.toOID());
}

function identityOf(extensions: Extensions, parsers: CertificateParsers): CertifiedIdentity {
  const issuer = text(extensions, 8, parsers) ?? utf8(extensions.get(`${FULCIO}.1`)?.value);
  if (issuer === undefined) throw refused('it names no OpenID Connect issuer: it does not come from a Fulcio');
  const optional = <K extends keyof CertifiedIdentity>(key: K, arc: number) => {
    const value = text(extensions, arc, parsers);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    issuer,
    subject: subjectOf(extensions, parsers),
    ...optional('runnerEnvironment', 11),
    ...optional('sourceRepository', 12),
    ...optional('sourceDigest', 13),
    ...optional('sourceRef', 14),
    ...optional('buildTrigger', 20),
  };
}

function text(extensions: Extensions, arc: number, { ASN1Obj }: CertificateParsers): string | undefined {
  const extension = extensions.get(`${FULCIO}.${arc}`);
  if (!extension) return undefined;
  const value = ASN1Obj.parseBuffer(Buffer.from(extension.value));
  if (value.tag.number !== UTF8_STRING) throw refused(`its extension ${FULCIO}.${arc} is not text`);
  return utf8(value.value);
}

/** client spec: exactly one SAN. With several, a verifier would have to choose whose signature it is. */
function subjectOf(extensions: Extensions, { ASN1Obj }: CertificateParsers): string {
  const extension = extensions.get(OID.subjectAltName);
  const names = extension ? ASN1Obj.parseBuffer(Buffer.from(extension.value)).subs : [];
  const [name] = names;
  if (!name || names.length > 1) throw refused(`it has ${names.length} subject alternative names, expected one`);
  const encoded = name.toDER();
  if (encoded[0] === URI || encoded[0] === EMAIL) return utf8(name.value) ?? '';
  const [oid, wrapped] = name.subs;
  if (encoded[0] === OTHER && oid?.toOID() === OTHER_NAME && wrapped?.subs[0]) return utf8(wrapped.subs[0].value) ?? '';
  throw refused('its subject alternative name is neither a URI nor an e-mail address');
}

function utf8(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('The signing certificate names somebody in bytes that are not UTF-8.', cause);
  }
}

function refused(why: string): TidegateError {
  return new TidegateError('signature', `The signing certificate does not count: ${why}.`, {
    next: 'Do not use this image unless you know who made the certificate: it is none of a Sigstore signer.',
  });
}
