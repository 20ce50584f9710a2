import { shortImage } from '../../cause/cause.ts';
import { escapeMarkdown, inlineCode } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';
import { fixesFor } from '../fixes.ts';
import type { MovedBase } from '../rescan.ts';
import type { SummaryFacts } from './facts.ts';
import type { JudgedFindings } from './judged.ts';

const MOST = 3;
const LONGEST = 120;

/**
 * Base images that moved since the build, and the findings of their packages that have a fix: `Base image node:22-slim
 * has moved to sha256:… and can fix up to 4 findings: rebuild the image.` "Up to", because the new image is not scanned.
 */
export function movedBaseLines({ rescan }: SummaryFacts, { all }: JudgedFindings): string {
  const moved = rescan?.movedBases ?? [];
  if (moved.length === 0) return '';
  const fixes = fixesFor(all.filter(({ suppressedBy }) => suppressedBy === undefined));
  const lines = moved.slice(0, MOST).map((base) => {
    const fixed = fixes.filter(
      ({ kind, name }) => kind === 'base' && name === clipped(shortImage(base.image), LONGEST),
    );
    return lineOf(base, new Set(fixed.flatMap(({ removes }) => removes.advisories.map(({ id }) => id))).size);
  });
  if (moved.length > MOST) lines.push(`${moved.length - MOST} more base images have moved.`);
  return lines.join('\n\n');
}

function lineOf({ digest, image, isPinned }: MovedBase, fixes: number): string {
  const name = inlineCode(clipped(shortImage(image), LONGEST));
  const fix = fixes === 0 ? '' : ` and can fix up to ${counted(fixes, 'finding')}`;
  const next = isPinned
    ? `update its digest (${escapeMarkdown('tidegate pin --bases')}) and rebuild`
    : 'rebuild the image';
  return `🔄 Base image ${name} has moved to ${inlineCode(digest.slice(0, 19))}${fix}: ${next}.`;
}
