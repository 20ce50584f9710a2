import type { Finding } from '../evidence.ts';
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
  const entries = ignore.filter((entry) => isCurrent(entry, now)).map((entry) => ({ entry, covers: covers(entry) }));
  const images = new Set([hexOf(platform), hexOf(image.root.digest)]);
  const suppressingOf = suppressing(vex);
  const counted: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const found = entries.find((each) => each.covers(finding));
    const statement = found ? undefined : suppressingOf(finding, images, now);
    if (found) suppressed.push({ finding, by: 'ignore', from: found.entry.from, reason: found.entry.reason });
    else if (statement) {
      const reason = [statement.status, statement.justification].filter(Boolean).join(': ');
      suppressed.push({ finding, by: 'vex', from: statement.from, reason });
    } else counted.push(finding);
  }
  return { counted, suppressed };
}

/** Whether an entry is about a finding: its id or an alias, and its package. */
export function covers({ id, package: pattern }: Ignored): (finding: Finding) => boolean {
  const matches: PurlPattern = purlPattern(pattern);
  return (finding) => (finding.id === id || finding.aliases.includes(id)) && matches(finding.package);
}
