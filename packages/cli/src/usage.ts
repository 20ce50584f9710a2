import { quoted, TidegateError } from '@tidegate/core';

/** The command line cannot be understood: exit code 2. */
export function usageError(message: string, next: string): TidegateError {
  return new TidegateError('command-line-invalid', message, { next });
}

/** A flag that the command does not have. Another command may have it. */
export class UnknownFlag extends TidegateError {
  readonly flag: string;

  /** @param flag with its dashes */
  constructor(flag: string, next: string) {
    super('command-line-invalid', `Unknown flag ${quoted(flag)}.`, { next });
    this.flag = flag;
  }
}

/** The name that was most likely meant: at most two letters differ, are missing or are swapped. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: distance(text.slice(0, LONGEST), name) }))
    .filter(({ distance }) => distance <= Math.min(2, Math.floor(text.length / 2)))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.name;
}

const LONGEST = 64;

/** Damerau's distance: two neighbors that are swapped count as one change. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost, swap));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
