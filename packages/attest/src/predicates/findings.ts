import { type Finding, findingKey, isSeverity, mergedFinding, readInstant } from '@tidegate/core';
import * as v from 'valibot';
import { unreadable } from '../statement/strict-json.ts';
import { cvssOf, linkOf, shownFields, titleOf } from './advisory-text.ts';

const text = v.pipe(v.string(), v.minLength(1));
const lists = <const S extends v.GenericSchema>(item: S) => v.optional(v.nullable(v.array(item)));

/** CISA's KEV catalog and EPSS, as Grype attaches them to an advisory and to each of its aliases. */
const threats = {
  knownExploited: lists(v.looseObject({})),
  epss: lists(v.looseObject({ epss: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) })),
};

/** One of Grype's `matches`: only the fields that decisions and reports need; these are required. */
export const Match = v.looseObject({
  vulnerability: v.looseObject({
    id: text,
    severity: v.pipe(
      v.string(),
      v.transform((word) => word.toLowerCase()),
      v.check(isSeverity, 'expected a severity of Grype'),
    ),
    dataSource: v.optional(v.string()),
    fix: v.looseObject({
      state: v.picklist(['fixed', 'not-fixed', 'wont-fix', 'unknown', '']),
      versions: lists(v.string()),
      // Grype's models.FixAvailable: a version and its release date.
      available: lists(v.looseObject({ version: v.string(), date: v.string() })),
    }),
    ...threats,
    ...shownFields,
    risk: v.optional(v.pipe(v.number(), v.minValue(0))),
  }),
  relatedVulnerabilities: lists(v.looseObject({ id: text, ...threats, ...shownFields })),
  artifact: v.looseObject({
    name: text,
    version: v.string(),
    type: v.string(),
    purl: v.optional(v.string()),
    locations: lists(v.looseObject({ path: v.string() })),
  }),
});

/**
 * Convert Grype's matches to findings: the same advisory about the same package, found at several locations or through
 * several sources, is one finding. If sources differ, the stricter value counts: the higher severity, and that a fix
 * exists.
 */
export function findingsOf(matches: readonly v.InferOutput<typeof Match>[]): readonly Finding[] {
  const found = new Map<string, [Finding, ...Finding[]]>();
  for (const match of matches) {
    const finding = findingOf(match);
    const key = findingKey(finding);
    const same = found.get(key);
    if (same) same.push(finding);
    else found.set(key, [finding]);
  }
  return [...found.values()].map((same) => (same.length === 1 ? same[0] : mergedFinding(same)));
}

function findingOf({ vulnerability, relatedVulnerabilities, artifact }: v.InferOutput<typeof Match>): Finding {
  const { id, fix, severity, dataSource, urls } = vulnerability;
  const named = [vulnerability, ...(relatedVulnerabilities ?? [])];
  const epss = highest(named.flatMap((each) => (each.epss ?? []).map((score) => score.epss)));
  const attacked = named.some((each) => (each.knownExploited ?? []).length > 0);
  if (!isSeverity(severity)) throw unreadable('The scan has a match with an unknown severity.');
  return {
    id,
    severity,
    fix: fix.state === '' ? 'unknown' : fix.state,
    fixedIn: unique(fix.versions ?? []),
    ...fixDatesOf(fix.available ?? []),
    package: {
      name: artifact.name,
      version: artifact.version,
      type: artifact.type,
      purl: artifact.purl || undefined,
    },
    locations: unique((artifact.locations ?? []).map(({ path }) => path)),
    aliases: unique((relatedVulnerabilities ?? []).map((related) => related.id)).filter((alias) => alias !== id),
    url: linkOf(dataSource, urls),
    title: titleOf(named),
    cvss: cvssOf(named),
    knownExploited: attacked ? true : undefined,
    epss,
    risk: vulnerability.risk,
  };
}

/**
 * An unreadable date is ignored: the fix then has no grace period. Of two dates for one version, the earlier counts.
 */
function fixDatesOf(available: readonly { readonly version: string; readonly date: string }[]) {
  const dates = new Map<string, Date>();
  for (const { version, date } of available) {
    const day = readInstant(`${date}T00:00:00Z`);
    const other = dates.get(version);
    if (day && (!other || day < other)) dates.set(version, day);
  }
  return dates.size > 0 ? { fixDates: Object.fromEntries(dates) } : {};
}

function highest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((each) => each !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
