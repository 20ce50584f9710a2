import { type Digest, PredicateType } from '@tidegate/core';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';

/** The statement that `cosign sign` signs since version 3: an empty predicate about a subject without a name. */
export function signatureStatement(subject: Digest): StatementBytes {
  return makeStatement(PredicateType.signature, [{ digest: subject }], {});
}
