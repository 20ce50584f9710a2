import type { Finding } from '../finding.ts';
import type { Policy } from '../policy.ts';
import { SEVERITIES } from '../severity.ts';
import { choice, type Field, object } from './field.ts';

type Threshold = Policy['failOn'];
/** A threshold for each fix state. */
export type Thresholds = Readonly<Partial<Record<Finding['fix'], Threshold>>>;

/** Strictest first. */
const THRESHOLDS: readonly Threshold[] = [...SEVERITIES, 'none'];
const threshold = (description: string) => choice(description, THRESHOLDS);

const one = threshold('Minimum severity that fails the gate, or none.');
const byFix = object('One threshold for each fix state. Default for each: high.', {
  fixed: threshold('For findings that an upgrade fixes.'),
  'not-fixed': threshold('For findings without a fix yet.'),
  'wont-fix': threshold('For findings that the distribution will not fix.'),
  unknown: threshold('For findings with an unknown fix state.'),
});

/** `fail-on: high`, or a threshold for each fix state. One word applies to all four. */
export const failOn: Field<Thresholds> = {
  description: 'Minimum severity that fails the gate: one for all findings, or one for each fix state.',
  schema: { oneOf: [one.schema, byFix.schema], description: one.description },
  stricter: byFix.stricter,
  write(thresholds) {
    const same = thresholds.fixed;
    const isOne =
      same !== undefined &&
      Object.keys(everyState(same)).every((state) => thresholds[state as keyof Thresholds] === same);
    return isOne ? same : byFix.write(thresholds);
  },
  read(tree, key, reading) {
    if (tree.kind === 'map') return byFix.read(tree, key, reading);
    const word = one.read(tree, key, reading);
    return word && everyState(word);
  },
};

export function everyState(word: Threshold): Thresholds {
  return { fixed: word, 'not-fixed': word, 'wont-fix': word, unknown: word };
}
