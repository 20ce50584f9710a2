import { purlPattern } from '../../purl/pattern.ts';
import { readPurl } from '../../purl/purl.ts';
import { codeBlock, folded } from '../../text/markdown.ts';
import type { MergedFinding } from '../merged.ts';
import type { SummaryFacts } from './facts.ts';
import { decidedOn, type JudgedFindings } from './judged.ts';

const MOST_ENTRIES = 5;
const DAY = 24 * 60 * 60 * 1000;
/** As long as the policy allows, and no longer than a month. */
const MONTH = 30 * DAY;

/** The policy entries that would suppress the findings that fail the gate: only the reason is missing. Folded. */
export function acceptSection(facts: SummaryFacts, { blocking }: JudgedFindings): string {
  const decided = decidedOn(facts);
  if (!Number.isFinite(decided.getTime())) return '';
  const packages = [...blocking].flatMap((finding) => {
    const pattern = patternOf(finding);
    return pattern === undefined ? [] : [{ id: finding.id, pattern }];
  });
  if (packages.length === 0) return '';
  const expires = new Date(decided.getTime() + Math.min(MONTH, facts.policy?.maxIgnoreTime ?? MONTH));
  const entries = packages
    .slice(0, MOST_ENTRIES)
    .map(({ id, pattern }) =>
      [
        `  - id: ${JSON.stringify(id)}`,
        `    package: ${JSON.stringify(pattern)}`,
        '    reason: ""  # why the image may have it',
        `    expires: ${expires.toISOString().slice(0, 10)}`,
      ].join('\n'),
    );
  const more = packages.length > MOST_ENTRIES ? ` (${MOST_ENTRIES} of ${packages.length})` : '';
  return folded(`To accept a finding for a time${more}`, codeBlock(['ignore:', ...entries].join('\n'), 'yaml'));
}

/**
 * The package URL without qualifiers; undefined where the policy file would reject it, or where it would match more than
 * this version: names come from the image, and a star in one of them, also percent-encoded, is a wildcard in a pattern.
 */
function patternOf({ package: { purl } }: MergedFinding): string | undefined {
  const pattern = purl?.split(/[?#]/)[0];
  const named = pattern === undefined ? undefined : readPurl(pattern);
  if (pattern === undefined || !named?.version || `${named.path}@${named.version}`.includes('*')) return undefined;
  try {
    purlPattern(pattern);
    return pattern;
  } catch {
    return undefined;
  }
}
