import {
  type Digest,
  digestOf,
  type Evidence,
  hasCode,
  PredicateType,
  type Statement,
  type UnreadableEvidence,
} from '@tidegate/core';
import { parseStatement, type StatementBytes, subjectMatches } from '../statement/statement.ts';
import { readBaseline } from './baseline.ts';
import { readProvenance } from './provenance.ts';
import { readCycloneDx, readSpdx, readSyft } from './sbom.ts';
import { readScan } from './scan.ts';
import { readVerdict } from './verdict.ts';

type Read = Exclude<Evidence, { kind: 'signature' | 'unreadable' | 'contents' }>;
type Reader = (predicate: unknown, subject: Digest) => Read;

// A map and not an object: `constructor` is a predicate type that anybody can write.
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [PredicateType.provenance, readProvenance],
  [PredicateType.spdx, readSpdx],
  // As GitHub's attest-sbom names it.
  ['https://spdx.dev/Document/v2.3', readSpdx],
  [PredicateType.cyclonedx, readCycloneDx],
  [PredicateType.scan, readScan],
  [PredicateType.verdict, readVerdict],
  [PredicateType.baseline, readBaseline],
]);

/**
 * What a statement says of `subject`. Never throws for what is in the bytes: what cannot be read, or speaks of another
 * image, is `unreadable` evidence and fails the gate, so that a damaged scan is not taken for an absent one.
 * @returns undefined for a predicate that is no evidence of ours (somebody's own attestation).
 */
export function evidenceOf(bytes: Uint8Array, subject: Digest): Evidence | undefined {
  let statement: Statement<Readonly<Record<string, unknown>>>;
  try {
    statement = parseStatement(bytes);
  } catch (error) {
    return unreadableEvidence(subject, 'statement', error);
  }
  return saidBy(statement, digestOf(bytes), subject);
}

/**
 * The same for a statement that was made here a moment ago: what it says is known without parsing its bytes again.
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
  if (!read && predicateType !== PredicateType.signature) return undefined;
  if (!subjectMatches(statement, subject)) {
    return { kind: 'unreadable', subject, claimed: predicateType, why: `It is about another image than ${subject}.` };
  }
  if (!read) {
    // An image signature says nothing by itself: only `verifyBundle` makes signature evidence.
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

/** The same for a syft-json document, which is no statement. */
export function syftEvidenceOf(document: Uint8Array, subject: Digest): Evidence {
  try {
    return readSyft(document, subject);
  } catch (error) {
    return unreadableEvidence(subject, 'syft', error);
  }
}

function unreadableEvidence(subject: Digest, claimed: string, error: unknown): UnreadableEvidence {
  // Anything else is a fault of ours and must not look like the image's.
  if (!hasCode(error, 'evidence', 'integrity')) throw error;
  return { kind: 'unreadable', subject, claimed, why: error.message };
}
