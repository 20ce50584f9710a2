import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Digest } from '../image/digest.ts';
import { hexOf } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import type { Ignored, Policy } from '../policy.ts';
import { type PurlPattern, purlPattern } from '../purl/pattern.ts';
import { suppressing } from '../vex/apply.ts';

/** A finding that does not count, and the entry or statement that suppresses it. */
export interface SuppressedFinding {
  readonly finding: Finding;
  readonly by: 'ignore' | 'vex';
  /** Location of the entry or statement: `.github/tidegate.yml:12`, `app.openvex.json, statement 3`. */
  readonly from: string;
  /** The reason of an ignore entry; the status and justification of a VEX statement. */
  readonly reason: string;
}

/** Whether an entry has not expired yet. An invalid date counts as expired. */
export function isCurrent({ expires }: Ignored, now: Date): boolean {
  return now.getTime() < expires.getTime();
}

/**
 * The findings of one platform that count, and those that the policy or VEX suppress. Ignore entries are applied first,
 * then VEX; either is enough. Expired entries suppress nothing.
 */
export function suppress(
  policy: Policy,
  image: Image,
  platform: Digest,
  findings: readonly Finding[],
  now: Date,
): { readonly counted: readonly Finding[]; readonly suppressed: readonly SuppressedFinding[] } {
  const { ignore = [], vex = [] } = policy;
  if (ignore.length + vex.length === 0) return { counted: findings, suppressed: [] };
  const ignoringOf = ignoring(ignore.filter((entry) => isCurrent(entry, now)));
  const images = new Set([hexOf(platform), hexOf(image.root.digest)]);
  const suppressingOf = suppressing(vex);
  const counted: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const found = ignoringOf(finding);
    const statement = found ? undefined : suppressingOf(finding, images, now);
    if (found) suppressed.push({ finding, by: 'ignore', from: found.from, reason: found.reason });
    else if (statement) {
      const reason = [statement.status, statement.justification].filter(Boolean).join(': ');
      suppressed.push({ finding, by: 'vex', from: statement.from, reason });
    } else counted.push(finding);
  }
  return { counted, suppressed };
}

/**
 * The first entry that is about a finding, by its id or an alias, and its package. Found by id: a policy may have
 * thousands of entries, and an image as many findings. A pattern is only read if an id of its entry occurs.
 */
function ignoring(entries: readonly Ignored[]): (finding: Finding) => Ignored | undefined {
  const byId = groupBy(
    entries.map((entry, at) => ({ entry, at, matches: patternOf(entry) })),
    ({ entry }) => entry.id,
  );
  return (finding) => {
    const about = idsOf(finding).flatMap((id) => byId.get(id)?.find(({ matches }) => matches(finding)) ?? []);
    return about.toSorted((a, b) => a.at - b.at)[0]?.entry;
  };
}

/** The entries that are about none of these findings. */
export function idleEntries(entries: readonly Ignored[], findings: readonly Finding[]): readonly Ignored[] {
  const byId = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (const id of idsOf(finding)) {
      const others = byId.get(id);
      if (others) others.push(finding);
      else byId.set(id, [finding]);
    }
  }
  return entries.filter((entry) => !byId.get(entry.id)?.some(patternOf(entry)));
}

function idsOf({ id, aliases }: Finding): readonly string[] {
  return aliases.length === 0 ? [id] : [...new Set([id, ...aliases])];
}

function patternOf({ package: pattern }: Ignored): (finding: Finding) => boolean {
  let matches: PurlPattern | undefined;
  return (finding) => {
    matches ??= purlPattern(pattern);
    return matches(finding.package);
  };
}
