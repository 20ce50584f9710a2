import { defined } from './defined.ts';
import { badInput } from './error.ts';
import { type Policy, REQUIRABLE, type Requirable } from './policy.ts';
import { assertOwnPredicateType } from './predicate-type.ts';

/** An entry of `require`: a kind of Tidegate's evidence, or the predicate type of a user's own. */
export type RequiredEvidence = Requirable | { readonly predicate: string };

/**
 * The `require` input: kinds of evidence and predicate types, in any order, or `none`.
 * @throws TidegateError `bad-input` for a word that is neither.
 */
export function parseRequire(words: readonly string[], input = 'require'): readonly RequiredEvidence[] {
  const asked = words.map((word) => word.trim()).filter((word) => word !== '');
  if (asked.length === 1 && asked[0]?.toLowerCase() === 'none') return [];
  const kinds = new Set<string>();
  const predicates = new Set<string>();
  for (const word of asked) {
    if (word.includes(':')) {
      assertOwnPredicateType(word, input);
      predicates.add(word);
      continue;
    }
    const kind = word.toLowerCase();
    if (!(REQUIRABLE as readonly string[]).includes(kind)) {
      throw badInput(
        'input-value-not-allowed',
        input,
        kind,
        `${REQUIRABLE.join(', ')}, a predicate type, or none alone`,
        'List the required evidence.',
      );
    }
    kinds.add(kind);
  }
  return [...REQUIRABLE.filter((kind) => kinds.has(kind)), ...[...predicates].map((predicate) => ({ predicate }))];
}

/** The same for the gate, each entry once. */
export function requiredBy(entries: readonly RequiredEvidence[]): Pick<Policy, 'require' | 'predicates'> {
  const kinds = entries.filter((entry) => typeof entry === 'string');
  const predicates = entries.flatMap((entry) => (typeof entry === 'string' ? [] : [entry.predicate]));
  return defined({
    require: [...new Set(kinds)],
    predicates: predicates.length > 0 ? [...new Set(predicates)] : undefined,
  });
}
