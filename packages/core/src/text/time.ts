/** Maximum difference between the clocks of two machines before a time is rejected. Milliseconds. */
export const CLOCK_SKEW = 3_600_000;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt]\d\d:\d\d:\d\d(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * A time in RFC 3339 format.
 * @returns undefined for any other text, and for days that do not exist: `Date` reads 2026-02-30 as a day in March.
 */
export function readInstant(text: string): Date | undefined {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined;
  const date = new Date(text);
  return Number.isFinite(date.getTime()) ? date : undefined;
}

function isDay(year: number, month: number, day: number): boolean {
  // The last day of a month is the day before the first of the next.
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * Why a time is too old or invalid at `at`, or undefined. A time up to CLOCK_SKEW ahead counts as a clock difference.
 */
export function ageProblem(then: Date, at: Date, limit: number): 'future' | 'old' | 'undated' | undefined {
  const age = at.getTime() - then.getTime();
  if (!Number.isFinite(age)) return 'undated';
  if (age < -CLOCK_SKEW) return 'future';
  // Written so that a limit of NaN rejects.
  return age <= limit ? undefined : 'old';
}

/** ISO 8601 to the minute; never throws, because evidence may contain any date. */
export function shownTime(date: Date): string {
  if (!Number.isFinite(date.getTime())) return 'no date';
  return date.toISOString().replace(/:\d\d\.\d{3}Z$/, 'Z');
}
