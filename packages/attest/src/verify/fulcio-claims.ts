import type { CertifiedIdentity, TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import type { CertificateParsers, Extensions } from './certificate-extensions.ts';

/**
 * fulcio `docs/oid-info.md`: extensions under 1.3.6.1.4.1.57264.1. From .8 on each is a DER UTF8String; .1 is bare
 * text.
 */
const FULCIO = '1.3.6.1.4.1.57264.1';
const ISSUER = 8;
const ISSUER_BARE = 1;
/** otherName for a user name that is not an e-mail address. */
export const OTHER_NAME = `${FULCIO}.7`;
const UTF8_STRING = 0x0c;

const ARCS = {
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepository: 12,
  sourceDigest: 13,
  sourceRef: 14,
  sourceId: 15,
  ownerUri: 16,
  ownerId: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  invocationUri: 21,
  visibility: 22,
} as const;

/** Claims of the issuer's token about the run, as verified by Fulcio. */
export type FulcioClaims = Readonly<Partial<Record<keyof typeof ARCS, string>>>;

/** @throws the error from `refused` for an extension that is not text; TidegateError `evidence` for invalid UTF-8 */
export function claimsOf(
  extensions: Extensions,
  parsers: CertificateParsers,
  refused: (why: string) => TidegateError,
): { readonly issuer: string; readonly claims: FulcioClaims } {
  const text = (arc: number): string | undefined => {
    const extension = extensions.get(`${FULCIO}.${arc}`);
    if (!extension) return undefined;
    const value = parsers.ASN1Obj.parseBuffer(Buffer.from(extension.value));
    if (value.tag.number !== UTF8_STRING) throw refused(`its extension ${FULCIO}.${arc} is not text`);
    return utf8(value.value);
  };
  const bare = extensions.get(`${FULCIO}.${ISSUER_BARE}`);
  const old = bare && utf8(bare.value);
  const issuer = text(ISSUER) ?? old;
  // Readers of the old and of the new extension would see two identities.
  if (old !== undefined && old !== issuer) throw refused('it names two OpenID Connect issuers');
  if (issuer === undefined) throw refused('it names no OpenID Connect issuer, so it was not issued by Fulcio');
  const claims = Object.entries(ARCS).flatMap(([name, arc]) => {
    const value = text(arc);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { issuer, claims: Object.fromEntries(claims) };
}

/** Claims that a caller can require of an identity. */
export function identityClaims(claims: FulcioClaims): Omit<CertifiedIdentity, 'issuer' | 'subject'> {
  const { runnerEnvironment, sourceRepository, sourceId, sourceDigest, sourceRef, buildTrigger } = claims;
  return {
    runnerEnvironment,
    sourceRepository,
    sourceRepositoryId: sourceId,
    sourceDigest,
    sourceRef,
    buildTrigger,
  };
}

export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('The signing certificate has a subject that is not UTF-8.', cause);
  }
}
