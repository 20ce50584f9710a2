/**
 * Which evidence of an image applies: evidence stays attached when newer evidence comes, and when the image is copied.
 */
import type { Evidence } from '../evidence.ts';

/**
 * An image that was copied here with its evidence has verdicts for both places. Those for other places are ignored,
 * unless there is none for this one: then they explain why it fails.
 */
export function ofDestination(evidence: readonly Evidence[], expected: string): readonly Evidence[] {
  const judgedHere = new Set(
    evidence.flatMap((each) => (each.kind === 'verdict' && each.destination === expected ? [each.subject] : [])),
  );
  return evidence.flatMap((each): Evidence[] => {
    if (each.kind !== 'verdict' || each.destination === expected) return [each];
    return judgedHere.has(each.subject) ? [] : [{ ...each, destination: each.destination ?? 'no repository' }];
  });
}

/**
 * An image is scanned and judged again over time, and its old evidence stays attached: the newest scan and the newest
 * verdict of each manifest apply.
 */
export function newest(evidence: readonly Evidence[]): readonly Evidence[] {
  const time = (each: Evidence) =>
    each.kind === 'scan' ? each.finishedOn.getTime() : each.kind === 'verdict' ? each.decidedOn.getTime() : undefined;
  const last = new Map<string, Evidence>();
  const others: Evidence[] = [];
  for (const each of evidence) {
    const at = time(each);
    if (at === undefined) {
      others.push(each);
      continue;
    }
    const key = `${each.kind} ${each.subject}`;
    const known = last.get(key);
    // An invalid date is never newer, and such evidence is kept only if there is no other.
    if (known === undefined || !(at <= (time(known) ?? Number.NEGATIVE_INFINITY))) {
      if (known === undefined || Number.isFinite(at)) last.set(key, each);
    }
  }
  return [...others, ...last.values()];
}
