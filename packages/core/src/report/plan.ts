import type { Plan } from '../plan/plan.ts';
import { escapeMarkdown, inlineCode, table } from '../text/markdown.ts';
import { clipped } from '../text/wording.ts';

const LONGEST_REASON = 400;

/** The job summary of a plan: whether it publishes, and the reason for every tag. Names of refs are escaped. */
export function planMarkdown({ images, why, publish, tags, left }: Plan): string {
  const reason = (text: string) => escapeMarkdown(clipped(text, LONGEST_REASON));
  const rows = [
    ...tags.map((one) => [inlineCode(one.tag), publish ? 'yes' : 'not published', reason(one.reason)]),
    ...left.map((one) => [inlineCode(clipped(one.subject)), 'no', reason(one.reason)]),
  ];
  const parts = [`## ${escapeMarkdown(images.join(', '))}`, reason(why)];
  if (rows.length > 0) parts.push(table(['Tag', 'Set', 'Why'], rows));
  return `${parts.join('\n\n')}\n`;
}
