import {
  type Digest,
  digestOf,
  type Evidence,
  hasKind,
  isOwnPredicateType,
  PredicateType,
  type Statement,
  type UnreadableEvidence,
} from '@tidegate/core';
import { parseStatement, type StatementBytes, subjectMatches } from '../statement/statement.ts';
import { readBaseline } from './baseline.ts';
import { readProvenance } from './provenance.ts';
import { readReproduced } from './reproduced.ts';
import { readCycloneDx, readSpdx, readSyft } from './sbom.ts';
import { readScan } from './scan.ts';
import { readTestResult } from './test-result.ts';
import { readVerdict } from './verdict.ts';

type Read = Exclude<Evidence, { kind: 'signature' | 'unreadable' | 'contents' | 'predicate' }>;
type Reader = (predicate: unknown, subject: Digest) => Read;

// A map and not an object: an attacker can use `constructor` as a predicate type.
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [PredicateType.provenance, readProvenance],
  [PredicateType.spdx, readSpdx],
  // Type used by GitHub's attest-sbom.
  ['https://spdx.dev/Document/v2.3', readSpdx],
  [PredicateType.cyclonedx, readCycloneDx],
  [PredicateType.scan, readScan],
  [PredicateType.verdict, readVerdict],
  [PredicateType.baseline, readBaseline],
  [PredicateType.tests, readTestResult],
  [PredicateType.reproduced, readReproduced],
]);

/**
 * Evidence that a statement contains about `subject`. Never throws because of its bytes: a statement that is
 * unreadable, or about another image, becomes `unreadable` evidence and fails the gate, so that a damaged scan does not
 * count as absent.
 * @returns undefined for a type that other tools give a meaning close to ours, such as older provenance, and for a
 * statement of a user's own type about another image
 */
export function evidenceOf(bytes: Uint8Array, subject: Digest): Evidence | undefined {
  return typedEvidenceOf(bytes, subject).evidence;
}

/** Like `evidenceOf`, with the type that the statement has itself; undefined if it cannot be read. */
export function typedEvidenceOf(
  bytes: Uint8Array,
  subject: Digest,
): { readonly predicateType: string | undefined; readonly evidence: Evidence | undefined } {
  const { statement, evidence } = readStatement(bytes, subject);
  return { predicateType: statement?.predicateType, evidence };
}

/**
 * Like `evidenceOf`, for an unsigned statement in a layout. Tidegate signs such a statement as it is, so it must be what
 * Tidegate writes: about this image alone, listed under its own type, and of a type whose meaning the gate knows.
 * @param listed the type under which the layout lists it; other statements of that type replace it
 */
export function unsignedEvidenceOf(bytes: Uint8Array, subject: Digest, listed: string | undefined): Evidence {
  const { statement, evidence: said } = readStatement(bytes, subject);
  if (!statement) return said;
  const { predicateType: claimed } = statement;
  const refused = (why: string): UnreadableEvidence => ({ kind: 'unreadable', subject, claimed, why });
  if (!said) return refused('It is of a type that Tidegate does not sign.');
  if (said.kind === 'unreadable') return said;
  if (listed !== claimed) return refused(`The layout lists it as ${listed ?? 'a statement without a type'}.`);
  if (statement.subject.length > 1) return refused(`It is about ${statement.subject.length} images, expected one.`);
  return said;
}

interface ReadStatement {
  readonly statement: Statement;
  readonly evidence: Evidence | undefined;
}

/** A statement that cannot be read is undefined, and is evidence of that. */
function readStatement(
  bytes: Uint8Array,
  subject: Digest,
): ReadStatement | { readonly statement: undefined; readonly evidence: UnreadableEvidence } {
  let statement: Statement;
  try {
    statement = parseStatement(bytes);
  } catch (error) {
    return { statement: undefined, evidence: unreadableEvidence(subject, 'statement', error) };
  }
  return { statement, evidence: saidBy(statement, digestOf(bytes), subject) };
}

/**
 * Like `evidenceOf`, for a statement that was just created here: its contents are known without parsing its bytes.
 * @param digest of its bytes
 */
export function evidenceOfStatement(
  { statement, said }: StatementBytes,
  subject: Digest,
  digest: Digest,
): Evidence | undefined {
  return said?.subject === subject ? ({ ...said, statement: digest } as Evidence) : saidBy(statement, digest, subject);
}

function saidBy(statement: Statement, digest: Digest, subject: Digest): Evidence | undefined {
  const { predicateType, predicate } = statement;
  const read = READERS.get(predicateType);
  if (!read && predicateType !== PredicateType.signature) {
    const isOwn = isOwnPredicateType(predicateType) && subjectMatches(statement, subject);
    return isOwn ? { kind: 'predicate', subject, predicateType, statement: digest } : undefined;
  }
  if (!subjectMatches(statement, subject)) {
    return { kind: 'unreadable', subject, claimed: predicateType, why: `It is about another image than ${subject}.` };
  }
  if (!read) {
    // An image signature states nothing by itself: only `verifyBundle` creates signature evidence.
    return {
      kind: 'unreadable',
      subject,
      claimed: predicateType,
      why: 'It is a signature statement without a signature.',
    };
  }
  try {
    return { ...read(predicate, subject), statement: digest };
  } catch (error) {
    return unreadableEvidence(subject, predicateType, error);
  }
}

/** Like `evidenceOf`, for a syft-json document, which is not a statement. */
export function syftEvidenceOf(document: Uint8Array, subject: Digest): Evidence {
  try {
    return readSyft(document, subject);
  } catch (error) {
    return unreadableEvidence(subject, 'syft', error);
  }
}

function unreadableEvidence(subject: Digest, claimed: string, error: unknown): UnreadableEvidence {
  // Any other error is our own bug and must not look like a problem of the image.
  if (!hasKind(error, 'evidence', 'integrity')) throw error;
  return { kind: 'unreadable', subject, claimed, why: error.message };
}
