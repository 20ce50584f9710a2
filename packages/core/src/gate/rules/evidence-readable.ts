import type { RuleResult } from '../../policy.ts';
import { clipped, counted } from '../../text/wording.ts';
import { judged, type RuleContext } from '../context.ts';

/**
 * All evidence can be read and is about this image. Unreadable evidence is not skipped: it may be the one that reports
 * the problem. An image without platforms or without any evidence fails here, because no other rule applies to it.
 */
export function evidenceReadable({ image, evidence, foreign }: RuleContext): readonly RuleResult[] {
  const problems: string[] = [];
  if (image.platforms.length === 0) problems.push(`${image.root.digest} has no platform to check.`);
  if (evidence.length + foreign.length === 0) problems.push(`No evidence exists for ${image.root.digest}.`);
  for (const each of evidence) {
    if (each.kind === 'unreadable')
      problems.push(`The ${clipped(each.claimed)} of ${each.subject} cannot be read: ${clipped(each.why, 300)}`);
  }
  for (const { kind, subject } of foreign) {
    problems.push(`The ${kind} evidence for ${subject} is not about this image.`);
  }
  return judged(
    'evidence-readable',
    problems,
    `${counted(evidence.length, 'piece')} of evidence, all about this image.`,
  );
}
