import type { RuleName, RuleResult, Verdict } from '../../policy.ts';
import { escapeMarkdown, inlineCode } from '../../text/markdown.ts';
import { clipped, counted, listed } from '../../text/wording.ts';
import { NEXT_STEP } from '../next-step.ts';
import type { SummaryFacts } from './facts.ts';

const LONGEST_REASON = 200;
const LONGEST_FAILURE = 160;
const MOST_TAGS = 8;

/** Rules that a change of packages satisfies: the table of fixes is their next step. */
const BY_FINDINGS: ReadonlySet<RuleName> = new Set([
  'severity-threshold',
  'severity-unknown',
  'known-exploited',
  'epss-threshold',
  'risk-threshold',
]);

/** The verdict, its reason and the digest. */
export function headline(facts: SummaryFacts): string {
  const { image, publication, references = [], rescan, verdict } = facts;
  const lines = [`## ${title(facts)}`];
  if (publication && !rescan && (!verdict || verdict.passed)) {
    lines.push(escapeMarkdown(clipped(publication.why, LONGEST_REASON)));
  }
  if (rescan && rescan.attached > 0) lines.push(attachedText(rescan.attached, verdict));
  // The command that pulls the image has the digest, too.
  if (image && (rescan || references.length === 0)) lines.push(`Digest ${inlineCode(image.root.digest)}`);
  return lines.join('\n\n');
}

export function title({ name, publication, rescan, verdict }: SummaryFacts): string {
  const what = escapeMarkdown(clipped(name, LONGEST_REASON));
  if (!verdict) return publication?.published ? `✅ Published ${what}` : what;
  if (rescan) return verdict.passed ? `✅ Still passes the gate: ${what}` : `❌ No longer passes the gate: ${what}`;
  if (!verdict.passed) return `❌ Not published: gate failed for ${what}`;
  return publication?.published ? `✅ Published ${what}` : `✅ Gate passed: ${what}`;
}

function attachedText(attached: number, verdict: Verdict | undefined): string {
  const gained = `${counted(attached, 'evidence item')} ${attached === 1 ? 'was' : 'were'} attached to the image.`;
  return verdict?.passed ? gained : `${gained} From now on, verification of the image fails.`;
}

/** The tags that point at the image now, in one line; the reasons are folded. */
export function tagsLine({ rescan, tags = [] }: SummaryFacts): string {
  if (rescan) return '';
  const set = tags.filter(({ outcome }) => outcome === 'set' || outcome === 'moved' || outcome === 'unchanged');
  const failed = tags.filter(({ outcome }) => outcome === 'failed');
  const named = (some: typeof tags) =>
    listed(
      some.map(({ tag }) => inlineCode(clipped(tag))),
      MOST_TAGS,
    );
  const parts = [
    ...(set.length > 0 ? [`${set.length === 1 ? 'Tag' : 'Tags'}: ${named(set)}`] : []),
    ...(failed.length > 0 ? [`⚠️ Not set: ${named(failed)}`] : []),
  ];
  return parts.join(' · ');
}

export function failures(verdict: Verdict | undefined): readonly RuleResult[] {
  return verdict?.rules.filter(({ outcome }) => outcome === 'fail') ?? [];
}

/**
 * Failed rules, each once, with the reason and, where no upgrade helps, the first sentence of the next step.
 * @param most the rest is counted
 * @param hasFixes a table of fixes follows, which is the next step for findings
 */
export function reasonLines(facts: SummaryFacts, most: number, hasFixes: boolean): string {
  const byRule = new Map<RuleName, string[]>();
  for (const { rule, why } of failures(facts.verdict)) byRule.set(rule, [...(byRule.get(rule) ?? []), why]);
  const lines = [...byRule].slice(0, most).map(([rule, whys]) => {
    const next = hasFixes && BY_FINDINGS.has(rule) ? '' : ` → ${escapeMarkdown(firstSentence(NEXT_STEP[rule]))}`;
    return `- **${rule}**: ${escapeMarkdown(clipped(reasonOf(whys, facts), LONGEST_FAILURE))}${next}`;
  });
  const more = byRule.size - lines.length;
  if (more > 0) lines.push(`- ${counted(more, 'more failed rule')}, listed below`);
  return lines.join('\n');
}

/** The table of rules has the others. */
function firstSentence(text: string): string {
  const end = text.indexOf('. ');
  return end < 0 ? text : text.slice(0, end + 1);
}

/** A rule has one result per platform, mostly the same one: it is shown once. */
function reasonOf(whys: readonly string[], { platforms = [] }: SummaryFacts): string {
  const [first = ''] = whys;
  const parts = whys.map((why) => {
    const on = platforms.find(({ platform }) => why.startsWith(`${platform}: `))?.platform;
    return { on, rest: on === undefined ? why : why.slice(on.length + 2) };
  });
  const same = parts.every(({ rest }) => rest === parts[0]?.rest);
  if (same && parts.length >= platforms.length) return parts[0]?.rest ?? first;
  const others = whys.length - 1;
  return others === 0 ? first : `${first} ${counted(others, 'more result')} below.`;
}
