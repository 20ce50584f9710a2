import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Digest } from '../image/digest.ts';
import { inlineCode } from '../text/markdown.ts';
import { changesBetween, findingsText } from './changes.ts';

/** Results of scanning a published image again. */
export interface RescanFacts {
  /** Number of evidence items that were attached. */
  readonly attached: number;
  /** By platform: the newest earlier scan, and this one. */
  readonly since: readonly {
    readonly platform: string;
    readonly on: Date;
    readonly before: readonly Finding[];
    readonly now: readonly Finding[];
  }[];
  /** Base images whose tags point to another digest than at the time of the build. */
  readonly movedBases?: readonly MovedBase[] | undefined;
}

/** A base image that has a newer version under the same tag. */
export interface MovedBase {
  /** With tag, without digest. */
  readonly image: string;
  /** The digest of the tag now. */
  readonly digest: Digest;
  /** The Dockerfile names a digest, so that a rebuild alone changes nothing. */
  readonly isPinned: boolean;
}

/**
 * New knowledge since the last scan: the image is the same, the vulnerability database is not. One line for the
 * platforms that were scanned on the same day.
 */
export function rescanSection({ since }: RescanFacts): string {
  const days = groupBy(since, ({ on }) =>
    Number.isFinite(on.getTime()) ? on.toISOString().slice(0, 10) : 'an unknown date',
  );
  const lines = [...days].map(([day, scans]) => {
    const changes = scans.map(({ before, now }) =>
      changesBetween({ components: [], findings: before }, { components: [], findings: now }),
    );
    const on = days.size > 1 ? ` (${scans.map(({ platform }) => inlineCode(platform)).join(', ')})` : '';
    return `Since the scan of ${day}${on}: ${findingsText(changes, 'gone')}.`;
  });
  return lines.join('\n\n');
}
