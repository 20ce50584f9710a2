import { canonicalJson, type Digest, type Evidence, hexOf, type Statement, sameNameInGo } from '@tidegate/core';
import * as v from 'valibot';
import { members, sha256Hex, shaped } from './shape.ts';
import { parseEvidence, unreadable } from './strict-json.ts';

/** In bytes. An SBOM of a very large image has about 30 MB; larger statements are rejected before parsing. */
export const MAX_STATEMENT_BYTES = 64 * 1024 * 1024;
const MAX_SUBJECTS = 1024;

/** The subject of a statement. `name` is only for display, and is never trusted. */
export interface Subject {
  readonly digest: Digest;
  readonly name?: string | undefined;
}

/** A statement and the exact bytes that are stored, hashed and signed. */
export interface StatementBytes<P = unknown> {
  readonly statement: Statement<P>;
  readonly bytes: Uint8Array;
  /** Evidence about `said.subject`, if the creator of the statement has parsed it. */
  readonly said?: Evidence | undefined;
}

/** in-toto Statement v1. The same input gives the same bytes. */
export function makeStatement<P>(predicateType: string, subjects: readonly Subject[], predicate: P): StatementBytes<P> {
  if (subjects.length === 0) throw unreadable('A statement needs at least one subject.');
  const statement: Statement<P> = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ digest, name }) => ({
      name,
      digest: { sha256: hexOf(digest) },
    })),
    predicateType,
    predicate,
  };
  return { statement, bytes: canonicalJson(statement) };
}

// Loose: in-toto's parsing rules require readers to ignore unknown fields.
const StatementShape = v.looseObject({
  _type: v.picklist(
    ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'],
    'expected an in-toto statement v1 or v0.1',
  ),
  subject: v.pipe(
    v.array(v.looseObject({ name: v.optional(v.string()), digest: v.looseObject({ sha256: sha256Hex }) })),
    v.minLength(1),
    v.maxLength(MAX_SUBJECTS),
  ),
  predicateType: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  predicate: members,
});

/**
 * Parse a statement: v1, or v0.1 as written by `cosign attest`. Every subject must have a sha256.
 * @throws TidegateError `evidence`
 */
export function parseStatement(bytes: Uint8Array): Statement<Readonly<Record<string, unknown>>> {
  const value = parseEvidence(bytes, 'The statement', MAX_STATEMENT_BYTES);
  refuseOtherCase(value, ['_type', 'subject', 'predicateType', 'predicate']);
  const { subject, predicateType, predicate } = shaped(StatementShape, value, 'The statement');
  for (const entry of subject) {
    refuseOtherCase(entry, ['name', 'digest']);
    refuseOtherCase(entry.digest, ['sha256']);
  }
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subject.map(({ name, digest }) => ({
      name,
      digest: { sha256: digest.sha256 },
    })),
    predicateType,
    predicate,
  };
}

/** Go's encoding/json ignores case: `Subject` next to `subject` could show it another image. */
function refuseOtherCase(value: unknown, keys: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const twin = keys.find((known) => known !== key && sameNameInGo(known, key));
    if (twin) throw unreadable(`The statement has a key that differs from ${twin} only in case.`);
  }
}

export function subjectMatches(statement: Statement, digest: Digest): boolean {
  return statement.subject.some((subject) => subject.digest.sha256 === hexOf(digest));
}
