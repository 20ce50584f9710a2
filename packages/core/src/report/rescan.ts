import type { Finding } from '../evidence.ts';
import { inlineCode } from '../text/markdown.ts';
import { changesBetween, findingsLine } from './changes.ts';

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
}

/** New knowledge since the last scan: the image is the same, the vulnerability database is not. */
export function rescanSection({ since }: RescanFacts): string {
  if (since.length === 0) return '';
  const lines = since.map(({ platform, on, before, now }) => {
    const changes = changesBetween({ components: [], findings: before }, { components: [], findings: now });
    const day = Number.isFinite(on.getTime()) ? on.toISOString().slice(0, 10) : 'an unknown date';
    return `- ${inlineCode(platform)}, compared with the scan of ${day}: ${findingsLine(changes)}`;
  });
  return `### Changes since the last scan\n\n${lines.join('\n')}`;
}
