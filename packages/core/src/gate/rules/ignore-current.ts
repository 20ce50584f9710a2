import type { RuleResult } from '../../policy.ts';
import { shownTime } from '../../text/time.ts';
import { clipped, counted, formatAge, listed } from '../../text/wording.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';
import { findingKeyOfAnyPlatform } from '../merge-findings.ts';
import { scansOf } from '../scans.ts';
import { idleEntries, isCurrent, suppress } from '../suppressed.ts';

/** No ignore entry has expired, and none runs longer than the policy allows. */
export function ignoreCurrent(context: RuleContext): readonly RuleResult[] {
  const rule = 'ignore-current';
  const { policy, now } = context;
  const { ignore = [], maxIgnoreTime } = policy;
  if (ignore.length === 0) return notApplicable(rule, 'The policy has no ignore entries.');
  const problems = ignore.flatMap((entry) => {
    const what = `${clipped(entry.from)}: ${clipped(entry.id)} in ${clipped(entry.package)}`;
    if (!isCurrent(entry, now)) {
      return [`${what}: the ignore entry (${clipped(entry.reason, 200)}) expired on ${shownTime(entry.expires)}.`];
    }
    const ahead = entry.expires.getTime() - now.getTime();
    if (maxIgnoreTime !== undefined && !(ahead <= maxIgnoreTime)) {
      return [
        `${what}: the ignore entry runs for ${formatAge(ahead)}; max-ignore-time is ${formatAge(maxIgnoreTime)}.`,
      ];
    }
    return [];
  });
  const scans = scansOf(context);
  const ignored = scans.flatMap(({ scan, subject }) =>
    suppress(policy, context.image, subject.digest, scan.findings, now).suppressed.filter(({ by }) => by === 'ignore'),
  );
  // One finding on several platforms counts once.
  const count = new Set(ignored.map(({ finding }) => findingKeyOfAnyPlatform(finding))).size;
  const idle = idleEntries(
    ignore,
    scans.flatMap(({ scan }) => scan.findings),
  );
  const unused = idle.length > 0 ? ` Entries that match no finding: ${names(idle.map(({ from }) => from))}.` : '';
  return judged(
    rule,
    problems,
    `${counted(count, 'finding')} ignored by ${counted(ignore.length, 'entry', 'entries')}.${unused}`,
  );
}

function names(places: readonly string[]): string {
  return listed(
    places.map((place) => clipped(place)),
    5,
  );
}
