import {
  ALL_SEVERITIES,
  type BaselineEvidence,
  type Digest,
  isSeverity,
  type LiveFinding,
  PredicateType,
} from '@tidegate/core';
import * as v from 'valibot';
import { digest, shaped } from '../statement/shape.ts';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';
import { unreadable } from '../statement/strict-json.ts';

/** The baseline of a platform: docs/baseline.md describes each field. */
export type BaselineFacts = Omit<BaselineEvidence, 'kind' | 'subject' | 'statement'>;

export function baselineStatement(subject: Digest, facts: BaselineFacts): StatementBytes {
  const statement = makeStatement(PredicateType.baseline, [{ digest: subject }], facts);
  readBaseline(statement.statement.predicate, subject);
  return statement;
}

const text = v.pipe(v.string(), v.minLength(1));

const Finding = v.strictObject({
  id: text,
  type: v.string(),
  name: text,
  severity: v.custom<LiveFinding['severity']>(
    (word) => typeof word === 'string' && isSeverity(word),
    `expected one of ${ALL_SEVERITIES.join(', ')}`,
  ),
  knownExploited: v.optional(v.boolean()),
});

// Strict: a baseline makes findings pass, so one with unknown fields must not count.
const Predicate = v.strictObject({
  live: v.optional(
    v.pipe(v.array(v.strictObject({ repository: text, tag: text, digest, policies: v.array(digest) })), v.minLength(1)),
  ),
  why: v.optional(text),
  signer: v.optional(text),
  findings: v.array(Finding),
});

/** @throws TidegateError `evidence` when it is not a baseline, or lists findings of an image that it does not name */
export function readBaseline(predicate: unknown, subject: Digest): BaselineEvidence {
  const facts = shaped(Predicate, predicate, 'The baseline');
  if (facts.live ? facts.signer === undefined : facts.findings.length > 0 || facts.why === undefined) {
    throw unreadable('The baseline has findings without their image, or without their signer.');
  }
  return { kind: 'baseline', subject, ...facts };
}
