import type { Finding } from '../evidence.ts';
import { inlineCode } from '../text/markdown.ts';
import { changesBetween, findingsLine } from './changes.ts';

/** What is known of an image that was scanned again where it is published. */
export interface RescanFacts {
  /** Pieces of evidence that it has gained. */
  readonly attached: number;
  /** By platform: the newest scan that was there before, and this one. */
  readonly since: readonly {
    readonly platform: string;
    readonly on: Date;
    readonly before: readonly Finding[];
    readonly now: readonly Finding[];
  }[];
}

/** What has become known since the last scan: the image is the same, the world is not. */
export function rescanSection({ since }: RescanFacts): string {
  if (since.length === 0) return '';
  const lines = since.map(({ platform, on, before, now }) => {
    const changes = changesBetween({ components: [], findings: before }, { components: [], findings: now });
    const day = Number.isFinite(on.getTime()) ? on.toISOString().slice(0, 10) : 'an unknown day';
    return `- ${inlineCode(platform)}, against the scan of ${day}: ${findingsLine(changes)}`;
  });
  return `### What became known since\n\n${lines.join('\n')}`;
}
