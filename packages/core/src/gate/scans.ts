import type { Finding, ScanEvidence } from '../evidence.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { evidenceOf, type Inquiry, judged, notApplicable, platformsOf, type Subject } from './inquiry.ts';
import { silence } from './silenced.ts';

/** Rules about what a scan says apply to every scan there is, required or not; where none is, scan-present speaks. */
export function ofScans(
  inquiry: Inquiry,
  rule: RuleName,
  problemsOf: (scan: ScanEvidence, subject: Subject) => readonly string[],
  holds: (scans: readonly ScanEvidence[]) => string,
): readonly RuleResult[] {
  const scans = scansOf(inquiry);
  if (scans.length === 0) return notApplicable(rule, 'There is no scan.');
  const problems = scans.flatMap(({ scan, subject }) =>
    problemsOf(scan, subject).map((why) => `${subject.name}: ${why}`),
  );
  return judged(rule, problems, holds(scans.map(({ scan }) => scan)));
}

/** The same for the findings of each scan that count: what policy or VEX silence is left out. */
export function ofFindings(
  inquiry: Inquiry,
  rule: RuleName,
  problemsOf: (findings: readonly Finding[], scan: ScanEvidence) => readonly string[],
  holds: (findings: readonly Finding[]) => string,
): readonly RuleResult[] {
  const counted: Finding[] = [];
  return ofScans(
    inquiry,
    rule,
    (scan, subject) => {
      const findings = countedIn(inquiry, scan, subject);
      for (const finding of findings) counted.push(finding);
      return problemsOf(findings, scan);
    },
    () => holds(counted),
  );
}

function countedIn({ policy, image, now }: Inquiry, { findings }: ScanEvidence, { digest }: Subject) {
  return silence(policy, image, digest, findings, now).counted;
}

export function scansOf(inquiry: Inquiry): readonly { readonly scan: ScanEvidence; readonly subject: Subject }[] {
  return platformsOf(inquiry.image).flatMap((subject) =>
    evidenceOf(inquiry, 'scan', subject).map((scan) => ({ subject, scan })),
  );
}
