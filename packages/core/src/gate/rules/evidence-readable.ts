import type { RuleResult } from '../../policy.ts';
import { clipped, counted } from '../../text/wording.ts';
import { judged, type RuleContext } from '../context.ts';

/**
 * All evidence can be read and is about this image. Evidence that cannot be read is not skipped: it may be the one that
 * says no. An image without platforms, or of which nothing is known, fails here: no other rule would have a word to say.
 */
export function evidenceReadable({ image, evidence, foreign }: RuleContext): readonly RuleResult[] {
  const problems: string[] = [];
  if (image.platforms.length === 0) problems.push(`${image.root.digest} has no platform that could be judged.`);
  if (evidence.length + foreign.length === 0) problems.push(`There is no evidence about ${image.root.digest}.`);
  for (const each of evidence) {
    if (each.kind === 'unreadable')
      problems.push(`The ${clipped(each.claimed)} of ${each.subject} cannot be read: ${clipped(each.why, 300)}`);
  }
  for (const { kind, subject } of foreign) {
    problems.push(`A piece of evidence (${kind}) is about ${subject}, which is not in this image.`);
  }
  return judged(
    'evidence-readable',
    problems,
    `${counted(evidence.length, 'piece')} of evidence, all about this image.`,
  );
}
