import { escapeMarkdown } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';

/** Result of a second build without cache. */
export interface RebuildSummary {
  /** Number of platforms of which both builds gave the same digest. */
  readonly same: number;
  /** 1 if both builds ran on one runner, or if that is not known. */
  readonly runners: number;
  /** `linux/amd64, Dockerfile:7: layer 3: /built: other content of the same size`. Untrusted text. */
  readonly differences: readonly string[];
  /** Next step for the first one. */
  readonly next?: string | undefined;
  /** Why there is no result. Untrusted text. */
  readonly failure?: string | undefined;
}

/** More are in the annotations and the log. */
const MOST = 3;
const LONGEST = 300;

/** One line for two equal builds; for others the first differences and what to do. */
export function rebuildSection({ rebuilt }: { readonly rebuilt?: RebuildSummary | undefined }): string {
  if (!rebuilt) return '';
  const { differences, failure, next, runners, same } = rebuilt;
  const second = `a second build without cache${runners === 1 ? '' : ' on another runner'}`;
  if (failure !== undefined) {
    return `**Not compared**: the second build failed. ${escapeMarkdown(clipped(failure, LONGEST))}`;
  }
  if (differences.length === 0) {
    const which = same === 1 ? 'the same digest' : `the same digests for ${counted(same, 'platform')}`;
    return `Reproducible: ${second} gave ${which}.`;
  }
  const lines = differences.slice(0, MOST).map((one) => `- ${escapeMarkdown(clipped(one, LONGEST))}`);
  const rest = differences.length - lines.length;
  if (rest > 0) lines.push(`- ${counted(rest, 'more difference')}`);
  return [
    `**Not reproducible**: ${second} gave another digest.`,
    lines.join('\n'),
    ...(next === undefined ? [] : [`→ ${escapeMarkdown(next)}`]),
  ].join('\n\n');
}
