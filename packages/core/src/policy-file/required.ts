import { REQUIRABLE } from '../policy.ts';
import type { RequiredEvidence } from '../required-evidence.ts';
import { choice, type Field, object } from './field.ts';
import { predicateType } from './words.ts';

const kind = choice('Kind of evidence.', REQUIRABLE);
const own = object(
  'Evidence of your own, by its predicate type. Nothing in it is judged, except that it exists and, with signature, who signed it.',
  { predicate: predicateType('Predicate type: https://example.com/review/v1.') },
  ['predicate'],
);

/** `sbom`, or `{ predicate: URI }`. */
export const requiredEvidence: Field<RequiredEvidence> = {
  description: kind.description,
  schema: { oneOf: [kind.schema, own.schema], description: kind.description },
  stricter: (first) => first,
  write: (entry) => (typeof entry === 'string' ? entry : own.write(entry)),
  read(tree, key, reading) {
    return tree.kind === 'map' ? own.read(tree, key, reading) : kind.read(tree, key, reading);
  },
};

/** The entries of both policies, each once. */
export function bothRequired(
  a: readonly RequiredEvidence[],
  b: readonly RequiredEvidence[],
): readonly RequiredEvidence[] {
  return [
    ...new Map([...a, ...b].map((entry) => [typeof entry === 'string' ? entry : entry.predicate, entry])).values(),
  ];
}
