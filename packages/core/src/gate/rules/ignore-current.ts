import type { RuleResult } from '../../policy.ts';
import { shownTime } from '../../text/time.ts';
import { clipped, counted, formatAge } from '../../text/wording.ts';
import { judged, notApplicable, type RuleContext } from '../context.ts';
import { findingKeyOfAnyPlatform } from '../merge-findings.ts';
import { scansOf } from '../scans.ts';
import { covers, isCurrent, suppress } from '../suppressed.ts';

/** Every entry that ignores a finding still runs, and none runs longer than the policy allows. */
export function ignoreCurrent(context: RuleContext): readonly RuleResult[] {
  const rule = 'ignore-current';
  const { policy, now } = context;
  const { ignore = [], maxIgnoreTime } = policy;
  if (ignore.length === 0) return notApplicable(rule, 'The policy ignores nothing.');
  const problems = ignore.flatMap((entry) => {
    const what = `${clipped(entry.from)}: ${clipped(entry.id)} in ${clipped(entry.package)}`;
    if (!isCurrent(entry, now)) {
      return [
        `${what} was ignored until ${shownTime(entry.expires)} (${clipped(entry.reason, 200)}); that has passed.`,
      ];
    }
    const ahead = entry.expires.getTime() - now.getTime();
    if (maxIgnoreTime !== undefined && !(ahead <= maxIgnoreTime)) {
      return [`${what} is ignored for ${formatAge(ahead)}, longer than ${formatAge(maxIgnoreTime)}.`];
    }
    return [];
  });
  const scans = scansOf(context);
  const ignored = scans.flatMap(({ scan, subject }) =>
    suppress(policy, context.image, subject.digest, scan.findings, now).suppressed.filter(({ by }) => by === 'ignore'),
  );
  // The same finding on several platforms is one.
  const count = new Set(ignored.map(({ finding }) => findingKeyOfAnyPlatform(finding))).size;
  const idle = ignore.filter((entry) => {
    const about = covers(entry);
    return !scans.some(({ scan }) => scan.findings.some(about));
  });
  const unused = idle.length > 0 ? ` About nothing that was found: ${names(idle.map(({ from }) => from))}.` : '';
  return judged(
    rule,
    problems,
    `${counted(count, 'finding')} ignored by ${counted(ignore.length, 'entry', 'entries')}.${unused}`,
  );
}

function names(places: readonly string[]): string {
  const shown = places.slice(0, 5).map((place) => clipped(place));
  return `${shown.join(', ')}${places.length > 5 ? ` and ${places.length - 5} more` : ''}`;
}
