import { type ExpiringException, expiringExceptions } from '../../gate/expiring.ts';
import type { Policy } from '../../policy.ts';
import { escapeMarkdown, inlineCode } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';
import type { SummaryFacts } from './facts.ts';
import { decidedOn } from './judged.ts';

const MOST = 3;
const LONGEST = 120;

/** `2026-12-31`: policies name days. */
function lastDay({ expires }: Pick<ExpiringException, 'expires'>): string {
  // A day in a policy is valid until its end, which is the first instant of the next one.
  return new Date(expires.getTime() - 1).toISOString().slice(0, 10);
}

/** Exceptions of the policy that end within 14 days. Empty without any. */
export function expiringLines(facts: SummaryFacts): string {
  const found = facts.policy ? expiringExceptions(facts.policy, decidedOn(facts)) : [];
  if (found.length === 0) return '';
  const lines = found.slice(0, MOST).map(({ expires, from, what }) => {
    const at = from === undefined ? '' : ` (${inlineCode(clipped(from))})`;
    return `- ${lastDay({ expires })}: ${escapeMarkdown(clipped(what, LONGEST))}${at}`;
  });
  const more = found.length > MOST ? [`- and ${found.length - MOST} more`] : [];
  const ends = found.length === 1 ? 'ends' : 'end';
  return [
    `⏳ ${counted(found.length, 'exception')} of the policy ${ends} within 14 days. Last day:`,
    '',
    ...lines,
    ...more,
  ].join('\n');
}

/** The same as warnings for a log, with the place of each entry. Untrusted text. */
export function expiringWarnings(
  policy: Policy,
  now: Date,
): readonly { readonly message: string; readonly from?: string | undefined }[] {
  return expiringExceptions(policy, now).map((one) => ({
    message: `The exception for ${clipped(one.what, LONGEST)} ends after ${lastDay(one)} (reason: ${clipped(one.reason, LONGEST)}). Afterwards it no longer counts.`,
    from: one.from,
  }));
}
