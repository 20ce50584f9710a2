import type { Finding } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { SEVERITIES } from '../severity.ts';
import { choice, type Field, object } from './field.ts';

type Threshold = Policy['failOn'];
/** A threshold for each state a fix can be in. */
export type Thresholds = Readonly<Partial<Record<Finding['fix'], Threshold>>>;

/** Strictest first. */
const THRESHOLDS: readonly Threshold[] = [...SEVERITIES, 'none'];
const threshold = (description: string) => choice(description, THRESHOLDS);

const one = threshold('The lowest severity that shuts the gate, or none.');
const byFix = object('One threshold for each state of a fix. A state that is left out is held to high.', {
  fixed: threshold('For findings that an upgrade mends.'),
  'not-fixed': threshold('For findings that nobody has mended yet.'),
  'wont-fix': threshold("For findings that the distribution won't mend."),
  unknown: threshold('For findings of which nobody says whether they are mended.'),
});

/** `fail-on: high`, or a threshold for each fix state. One word is read as the same for all four. */
export const failOn: Field<Thresholds> = {
  description: 'The lowest severity that shuts the gate: one for all findings, or one for each state of a fix.',
  schema: { oneOf: [one.schema, byFix.schema], description: one.description },
  stricter: byFix.stricter,
  read(tree, key, reading) {
    if (tree.kind === 'map') return byFix.read(tree, key, reading);
    const word = one.read(tree, key, reading);
    return word && everyState(word);
  },
};

export function everyState(word: Threshold): Thresholds {
  return { fixed: word, 'not-fixed': word, 'wont-fix': word, unknown: word };
}
