import type { InputSpec } from '@tidegate/runner';

/** Evidence of the user's own, which is signed with the image. */
export const predicateInputs = {
  'predicate-type': {
    type: 'list',
    description: 'Predicate types of your own evidence, absolute URIs, one per line: `https://example.com/review/v1`.',
  },
  'predicate-path': {
    type: 'list',
    path: true,
    description:
      'JSON files with the predicates, one per line, in the order of `predicate-type`. Signed and published.',
  },
} as const satisfies Record<string, InputSpec>;
