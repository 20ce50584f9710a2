import type { ScanEvidence } from '../evidence.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { evidenceOf, type Inquiry, judged, notApplicable, platformsOf, type Subject } from './inquiry.ts';

/** Rules about what a scan says apply to every scan there is, required or not; where none is, scan-present speaks. */
export function ofScans(
  inquiry: Inquiry,
  rule: RuleName,
  problemsOf: (scan: ScanEvidence, subject: Subject) => readonly string[],
  holds: (scans: readonly ScanEvidence[]) => string,
): readonly RuleResult[] {
  const scans = platformsOf(inquiry.image).flatMap((subject) =>
    evidenceOf(inquiry, 'scan', subject).map((scan) => ({ subject, scan })),
  );
  if (scans.length === 0) return notApplicable(rule, 'There is no scan.');
  const problems = scans.flatMap(({ scan, subject }) =>
    problemsOf(scan, subject).map((why) => `${subject.name}: ${why}`),
  );
  return judged(rule, problems, holds(scans.map(({ scan }) => scan)));
}
