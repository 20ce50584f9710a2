import { groupBy } from '../group-by.ts';
import type { Digest } from '../image/digest.ts';
import type { VerifiedFact } from './check.ts';

/** A referrer that a newer one of the same signer replaces. */
export interface Superseded {
  readonly subject: Digest;
  readonly referrer: Digest;
}

interface Dated extends Superseded {
  readonly at: number;
  readonly group: string;
  /** Of the signed bytes. */
  readonly payload: Digest;
  readonly hasPassed: boolean;
  readonly isFull: boolean;
}

export interface Superseding {
  /** Number of scans and verdicts to keep of each manifest. */
  readonly keep: number;
  /** Verdicts for another repository are not touched. */
  readonly destination: string;
  /** Number of newer ones that are not among the facts, by `supersededGroup`. */
  readonly added?: ReadonlyMap<string, number> | undefined;
}

/**
 * Scans and verdicts of one signer that newer ones of the same signer replace: all but the newest `keep` of each
 * manifest. Never the newest of all; never the newest verdict that passed, with which the next image is compared; never
 * the newest that passed and judged the whole policy, on which the verdicts of rescans rely; and nothing without a valid
 * date. Copies of one statement count once: anyone may attach a copy, and all copies are kept or none.
 * @param facts of exactly one signer, verified
 */
export function superseded(
  facts: readonly VerifiedFact[],
  { keep, destination, added = new Map() }: Superseding,
): readonly Superseded[] {
  const found = new Map<Digest, Dated>();
  for (const fact of facts) {
    const dated = datedOf(fact, destination);
    if (dated && !found.has(dated.referrer)) found.set(dated.referrer, dated);
  }
  return [...groupBy([...found.values()], ({ group }) => group)].flatMap(([name, group]) => {
    const statements = [...groupBy(group, ({ payload }) => payload).values()].flatMap(([first]) => first ?? []);
    const sorted = statements.toSorted((a, b) => b.at - a.at);
    const newer = added.get(name) ?? 0;
    const kept = new Set<Digest | undefined>([
      ...sorted.slice(0, Math.max(keep - newer, newer > 0 ? 0 : 1)).map(({ payload }) => payload),
      sorted.find(({ hasPassed }) => hasPassed)?.payload,
      sorted.find(({ hasPassed, isFull }) => hasPassed && isFull)?.payload,
    ]);
    return group
      .filter(({ payload }) => !kept.has(payload))
      .toSorted((a, b) => b.at - a.at)
      .map(({ subject, referrer }) => ({ subject, referrer }));
  });
}

/** Scans of one manifest compete with each other, and so do verdicts for one destination. */
export function supersededGroup(kind: 'scan' | 'verdict', subject: Digest, destination?: string | undefined): string {
  return kind === 'scan' ? `scan ${subject}` : `verdict ${subject} ${destination ?? ''}`;
}

function datedOf({ subject, evidence, referrer, payload }: VerifiedFact, destination: string): Dated | undefined {
  if (referrer === undefined || (evidence?.kind !== 'scan' && evidence?.kind !== 'verdict')) return undefined;
  // A bundle that only refers to the statement: what it refers to would stay.
  if (payload === undefined || evidence.statement !== payload) return undefined;
  const isScan = evidence.kind === 'scan';
  if (!isScan && evidence.destination !== undefined && evidence.destination !== destination) return undefined;
  const at = (isScan ? evidence.finishedOn : evidence.decidedOn).getTime();
  if (!Number.isFinite(at)) return undefined;
  const group = supersededGroup(evidence.kind, subject, isScan ? undefined : evidence.destination);
  return {
    ...{ subject, referrer, at, group, payload },
    hasPassed: !isScan && evidence.passed,
    isFull: !isScan && evidence.isPartial !== true,
  };
}
