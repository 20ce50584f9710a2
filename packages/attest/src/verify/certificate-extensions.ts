import type { ASN1Obj, X509Certificate } from '@sigstore/core';
import type { TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';

/**
 * RFC 5280, 4.2.1: the extensions that are processed. A certificate with any other critical extension is rejected
 * (4.2).
 */
export const EXTENSION = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const;
const PROCESSED: ReadonlySet<string> = new Set(Object.values(EXTENSION));

/** RFC 5280, 4.2.1.12. */
export const USAGE = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  any: '2.5.29.37.0',
} as const;

/** The library's parsers, loaded only if a certificate has to be parsed. */
export interface CertificateParsers {
  readonly X509Certificate: typeof X509Certificate;
  readonly ASN1Obj: typeof ASN1Obj;
}

/** By object identifier; values are the bytes inside the OCTET STRING. */
export type Extensions = ReadonlyMap<string, { readonly critical: boolean; readonly value: Buffer }>;

/** @throws the error from `refused` for a certificate that parsers may read differently; TidegateError `evidence` */
export function extensionsOf(certificate: X509Certificate, refused: (why: string) => TidegateError): Extensions {
  const found = new Map<string, { critical: boolean; value: Buffer }>();
  for (const { subs } of certificate.extensions) {
    const [oid, second] = subs;
    const value = subs.at(-1);
    if (!oid || !second || !value) throw unreadable('The certificate has an extension without a value.');
    const name = oid.toOID();
    // RFC 5280, 4.2: at most once. With two, two readers could see two identities.
    if (found.has(name)) throw refused(`it has the extension ${name} twice`);
    found.set(name, { critical: subs.length === 3 && second.toBoolean(), value: value.value });
  }
  return found;
}

/** Critical extensions that are not processed, such as name constraints. */
export function unknownCritical(extensions: Extensions): readonly string[] {
  return [...extensions].flatMap(([oid, { critical }]) => (critical && !PROCESSED.has(oid) ? [oid] : []));
}

/** The extended key usages; empty if the extension is missing. */
export function extendedUsagesOf(extensions: Extensions, { ASN1Obj }: CertificateParsers): readonly string[] {
  const extension = extensions.get(EXTENSION.extendedKeyUsage);
  if (!extension) return [];
  return ASN1Obj.parseBuffer(Buffer.from(extension.value)).subs.map((usage) => usage.toOID());
}
