/** Grype's names, lowest first. `unknown` has no rank: the policy decides how to treat it. */
export const SEVERITIES = ['negligible', 'low', 'medium', 'high', 'critical'] as const;
export type RankedSeverity = (typeof SEVERITIES)[number];
export type Severity = RankedSeverity | 'unknown';
/** Every severity, worst first, as reports list them. */
export const ALL_SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];
export type SeverityCounts = Readonly<Record<Severity, number>>;

export function isSeverity(text: string): text is Severity {
  return (ALL_SEVERITIES as readonly string[]).includes(text);
}

/** @returns whether `severity` is at or above `threshold`; `unknown` never is. */
export function reaches(severity: Severity, threshold: RankedSeverity | 'none'): boolean {
  if (severity === 'unknown' || threshold === 'none') return false;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}

export function countSeverities(severities: Iterable<Severity>): SeverityCounts {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
  for (const severity of severities) counts[severity] += 1;
  return counts;
}
