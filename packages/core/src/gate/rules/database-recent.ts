import type { RuleResult } from '../../policy.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

/** The age counts at the time of the scan: how long ago that was is scan-recent's business. */
export function databaseRecent(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  return ofScans(
    context,
    'database-recent',
    ({ database, finishedOn }) => {
      switch (ageProblem(database.built, finishedOn, policy.maxDatabaseAge)) {
        case undefined:
          return [];
        case 'old': {
          const age = formatAge(finishedOn.getTime() - database.built.getTime());
          return [`the vulnerability database was ${age} old, more than ${formatAge(policy.maxDatabaseAge)}.`];
        }
        case 'future':
          return [`the vulnerability database was built after the scan (${shownTime(database.built)}).`];
        case 'undated':
          return ['the vulnerability database does not say when it was built.'];
      }
    },
    (scans) =>
      `Vulnerability database of ${[...new Set(scans.map((scan) => shownTime(scan.database.built)))].join(', ')}.`,
  );
}
