import type { ScanEvidence } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { counted } from '../text/wording.ts';
import { baselinesOf, compared } from './baseline.ts';
import { evidenceOf, judged, notApplicable, platformsOf, type RuleContext, type Subject } from './context.ts';
import { suppress } from './suppressed.ts';

/** Rules about scan results apply to every scan, required or not. A missing scan fails the rule scan-present. */
export function ofScans(
  context: RuleContext,
  rule: RuleName,
  problemsOf: (scan: ScanEvidence, subject: Subject) => readonly string[],
  holds: (scans: readonly ScanEvidence[]) => string,
): readonly RuleResult[] {
  const scans = scansOf(context);
  if (scans.length === 0) return notApplicable(rule, 'There is no scan.');
  const problems = scans.flatMap(({ scan, subject }) =>
    problemsOf(scan, subject).map((why) => `${subject.name}: ${why}`),
  );
  return judged(rule, problems, holds(scans.map(({ scan }) => scan)));
}

/**
 * The same for the findings of each scan that count: without those that the policy or VEX suppress and, if the policy
 * allows findings of the live image, without those.
 * @param holds makes the sentence of a pass, from the findings that count and those of the live image
 */
export function ofFindings(
  context: RuleContext,
  rule: RuleName,
  problemsOf: (findings: readonly Finding[], scan: ScanEvidence) => readonly string[],
  holds: (findings: readonly Finding[], live: readonly Finding[]) => string,
): readonly RuleResult[] {
  const counted: Finding[] = [];
  const known: Finding[] = [];
  return ofScans(
    context,
    rule,
    (scan, subject) => {
      const { fresh, live } = countedIn(context, scan, subject);
      for (const finding of fresh) counted.push(finding);
      for (const finding of live) known.push(finding);
      return problemsOf(fresh, scan);
    },
    () => holds(counted, known),
  );
}

function countedIn({ evidence, policy, image, now }: RuleContext, { findings }: ScanEvidence, { digest }: Subject) {
  const { counted } = suppress(policy, image, digest, findings, now);
  return compared(policy, baselinesOf(evidence, digest), counted);
}

/** For the sentence of a passed rule: how many findings pass only because the live image already has them. */
export function liveText(live: readonly Finding[]): string {
  return live.length > 0 ? ` The live image already has ${counted(live.length, 'more finding')}.` : '';
}

export function scansOf(context: RuleContext): readonly { readonly scan: ScanEvidence; readonly subject: Subject }[] {
  return platformsOf(context.image).flatMap((subject) =>
    evidenceOf(context, 'scan', subject).map((scan) => ({ subject, scan })),
  );
}
