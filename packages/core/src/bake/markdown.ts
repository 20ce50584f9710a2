import { escapeMarkdown, inlineCode, table } from '../text/markdown.ts';
import { clipped, counted } from '../text/wording.ts';

export interface DecidedTarget {
  readonly name: string;
  readonly images: readonly string[];
  readonly isBuilt: boolean;
  readonly why: string;
}

const LONGEST = 300;

/** The job summary of a plan of several images: every target, whether it is built, and why. */
export function targetsMarkdown(targets: readonly DecidedTarget[], publication: string): string {
  const built = targets.filter(({ isBuilt }) => isBuilt).length;
  const left = targets.length - built;
  const rows = targets.map(({ name, images, isBuilt, why }) => [
    inlineCode(clipped(name)),
    images.map((image) => inlineCode(clipped(image))).join(' '),
    isBuilt ? 'yes' : 'no',
    escapeMarkdown(clipped(why, LONGEST)),
  ]);
  const title = `## ${counted(built, 'image')} to build${left > 0 ? `, ${left} left out` : ''}`;
  const parts = [
    title,
    escapeMarkdown(clipped(publication, LONGEST)),
    table(['Target', 'Image', 'Built', 'Why'], rows),
  ];
  return `${parts.join('\n\n')}\n`;
}
