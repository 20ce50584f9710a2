import type { CertifiedIdentity, TidegateError } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import type { CertificateParsers, Extensions } from './certificate-extensions.ts';

/** fulcio `docs/oid-info.md`: below 1.3.6.1.4.1.57264.1, a DER UTF8String each from .8 on; .1 is bare text. */
const FULCIO = '1.3.6.1.4.1.57264.1';
const ISSUER = 8;
const ISSUER_BARE = 1;
/** otherName of a user name that is no e-mail address. */
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

/** What the issuer's token said of the run, as Fulcio has verified it. */
export type FulcioClaims = Readonly<Partial<Record<keyof typeof ARCS, string>>>;

/** @throws what `refused` makes of an extension that is no text; TidegateError `evidence` for text that is not UTF-8 */
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
  // Readers of the one and of the other would see two identities.
  if (old !== undefined && old !== issuer) throw refused('it names two OpenID Connect issuers');
  if (issuer === undefined) throw refused('it names no OpenID Connect issuer, so it was not issued by Fulcio');
  const claims = Object.entries(ARCS).flatMap(([name, arc]) => {
    const value = text(arc);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { issuer, claims: Object.fromEntries(claims) };
}

/** Those that a caller may hold an identity to. */
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
