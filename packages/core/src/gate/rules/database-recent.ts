import type { RuleResult } from '../../policy.ts';
import { ageProblem, shownTime } from '../../text/time.ts';
import { formatAge } from '../../text/wording.ts';
import type { RuleContext } from '../context.ts';
import { ofScans } from '../scans.ts';

/** The database's age at the time of the scan. The rule scan-recent checks the age of the scan. */
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
          return [
            `the vulnerability database was ${age} old at the scan; the policy allows ${formatAge(policy.maxDatabaseAge)}.`,
          ];
        }
        case 'future':
          return [`the vulnerability database was built after the scan (${shownTime(database.built)}).`];
        case 'undated':
          return ['the vulnerability database has no build date.'];
      }
    },
    (scans) =>
      `Vulnerability database of ${[...new Set(scans.map((scan) => shownTime(scan.database.built)))].join(', ')}.`,
  );
}
