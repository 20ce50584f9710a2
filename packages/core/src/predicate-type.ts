/** Predicate types of a user's own evidence. */

import { TidegateError } from './error.ts';
import { quoted } from './text/wording.ts';

/** parseStatement of attest accepts no longer one. */
const LONGEST = 1024;

/**
 * An absolute URI (RFC 3986, 4.3). Without `,` and `=`: types are written in lists, and beside values.
 */
export const PREDICATE_TYPE = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:[A-Za-z0-9._~:/?#[\]@!$&'()*+;%-]{1,1000}$/;

/**
 * Families of types that Tidegate writes itself, in every version, and the word that requires them. A statement of such
 * a type from a user's file would be forged evidence: other tools believe versions that Tidegate does not write.
 */
const RESERVED: readonly (readonly [prefix: string, word: string])[] = [
  ['https://slsa.dev/provenance', 'provenance'],
  ['https://in-toto.io/provenance', 'provenance'],
  ['https://slsa.dev/verification_summary', 'verdict'],
  ['https://spdx.dev/document', 'sbom'],
  ['https://cyclonedx.org/', 'sbom'],
  ['https://cosign.sigstore.dev/attestation/vuln', 'scan'],
  ['https://in-toto.io/attestation/test-result', 'tests'],
  ['https://sigstore.dev/cosign/sign', 'signature'],
  ['https://in-toto.io/attestation/reference', ''],
  ['https://github.com/tidegate/', ''],
];

/**
 * The reason why `type` cannot be the type of a user's own evidence, as an expectation; undefined if it can.
 */
export function predicateTypeProblem(type: string): string | undefined {
  if (type.length > LONGEST || !PREDICATE_TYPE.test(type) || (/^https?:/i.test(type) && !URL.canParse(type))) {
    return 'an absolute URI without "," and "=", such as https://example.com/review/v1';
  }
  const reserved = reservedFor(type);
  if (reserved === undefined) return undefined;
  return `a type that Tidegate does not write itself${reserved ? `; ${reserved} requires this one` : ''}`;
}

/** Whether evidence of this type is a user's own. */
export function isOwnPredicateType(type: string): boolean {
  return predicateTypeProblem(type) === undefined;
}

/** The word that requires the family of this type, or an empty word if none does. */
function reservedFor(type: string): string | undefined {
  const written = [type, URL.canParse(type) ? new URL(type).href : type].map((one) => one.toLowerCase());
  return RESERVED.find(([prefix]) => written.some((one) => one.startsWith(prefix)))?.[1];
}

/** @throws TidegateError `bad-input` for a type that cannot be that of a user's own evidence */
export function assertOwnPredicateType(type: string, input: string): void {
  const expected = predicateTypeProblem(type);
  if (expected === undefined) return;
  const shown = quoted(type);
  throw new TidegateError('predicate-type-invalid', `Input ${input}: got ${shown}, expected ${expected}.`, {
    next: 'Use a URI of your own, such as https://example.com/review/v1.',
  });
}
