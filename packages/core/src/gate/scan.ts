import type { ScanEvidence } from '../evidence.ts';
import type { RuleName, RuleResult } from '../policy.ts';
import { formatAge } from '../wording.ts';
import {
  evidenceOf,
  type Inquiry,
  judged,
  namesOf,
  notApplicable,
  notRequired,
  platformsOf,
  requires,
  type Subject,
  shownTime,
  staleness,
} from './inquiry.ts';

/** Every platform has been scanned. */
export function scanPresent(inquiry: Inquiry): readonly RuleResult[] {
  if (!requires(inquiry, 'scan')) return notRequired('scan-present', 'scan');
  const platforms = platformsOf(inquiry.image);
  const missing = platforms.filter((subject) => evidenceOf(inquiry, 'scan', subject).length === 0);
  const problems = missing.map(({ name }) => `${name}: there is no scan.`);
  return judged('scan-present', problems, `A scan of ${namesOf(platforms)}.`);
}

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

/** What was scanned is this platform's catalogue and no other: neither another image's nor an older one. */
export function scanOfThisSbom(inquiry: Inquiry): readonly RuleResult[] {
  const rule = 'scan-of-this-sbom';
  const catalogues = (subject: Subject) =>
    evidenceOf(inquiry, 'sbom', subject).filter(({ format }) => format === 'syft');
  const here = platformsOf(inquiry.image).some((subject) => catalogues(subject).length > 0);
  const expected = requires(inquiry, 'sbom') && (inquiry.policy.sbomFormats?.includes('syft') ?? true);
  if (!here && !expected) return notApplicable(rule, 'The SBOM that the scan read is not published.');
  return ofScans(
    inquiry,
    rule,
    (scan, subject) =>
      catalogues(subject).some(({ document }) => document === scan.sbom)
        ? catalogues(subject)
            .filter(({ document }) => !evidenceOf(inquiry, 'scan', subject).some(({ sbom }) => sbom === document))
            .map(({ document }) => `another SBOM of it (${document}) was not scanned.`)
        : [`the scan read ${scan.sbom}, which is no SBOM of it.`],
    () => 'Each scan read the SBOM of its platform.',
  );
}

export function scanRecent(inquiry: Inquiry): readonly RuleResult[] {
  const { now, policy } = inquiry;
  return ofScans(
    inquiry,
    'scan-recent',
    ({ finishedOn }) => {
      switch (staleness(finishedOn, now, policy.maxScanAge)) {
        case undefined:
          return [];
        case 'old': {
          const age = formatAge(now.getTime() - finishedOn.getTime());
          return [`the scan is ${age} old, more than ${formatAge(policy.maxScanAge)}.`];
        }
        case 'future':
          return [`the scan ended in the future (${shownTime(finishedOn)}).`];
        case 'undated':
          return ['the scan does not say when it ended.'];
      }
    },
    () => `No scan is older than ${formatAge(policy.maxScanAge)}.`,
  );
}

/** The age counts at the time of the scan: how long ago that was is scan-recent's business. */
export function databaseRecent(inquiry: Inquiry): readonly RuleResult[] {
  const { policy } = inquiry;
  return ofScans(
    inquiry,
    'database-recent',
    ({ database, finishedOn }) => {
      switch (staleness(database.built, finishedOn, policy.maxDatabaseAge)) {
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
