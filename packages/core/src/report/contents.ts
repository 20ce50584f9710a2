import { type ImageContents, TRACE_KINDS, type TraceKind } from '../contents/image-contents.ts';
import { failsOn, objections, traceText } from '../contents/rules.ts';
import type { Policy } from '../policy.ts';
import { escapeMarkdown, folded, table } from '../text/markdown.ts';
import { formatBytes } from '../text/terminal.ts';
import { clipped, counted } from '../text/wording.ts';

/** The layers of one platform, if they were read. */
export interface PlatformLayers {
  readonly platform: string;
  readonly contents?: ImageContents | undefined;
}

const TITLES: Readonly<Record<TraceKind, string>> = {
  secret: 'Secrets',
  history: 'Git repositories',
  'hidden-package': 'Packages hidden from scanners',
  setuid: 'setuid and setgid programs',
  shell: 'Shells',
  'package-manager': 'Package managers',
  state: 'Files where state belongs',
  device: 'Devices',
};
const MOST_NAMED = 5;
const LONGEST = 160;

/**
 * The traces found in the layers, kind by kind, without those that the policy allows. Paths and instructions come from
 * the image and are escaped here.
 */
export function contentsSection(platforms: readonly PlatformLayers[], policy: Policy | undefined, now: Date): string {
  const read = platforms.flatMap(({ contents }) => (contents ? [contents] : []));
  if (read.length === 0) return '';
  const asked = policy?.contents ?? { traces: {} };
  const rows = TRACE_KINDS.flatMap((kind) => {
    // Most files are the same on every platform, so each is shown once.
    const told = new Set(
      read.flatMap((contents) => objections(asked, contents, kind, now).map((trace) => traceText(trace, contents))),
    );
    if (told.size === 0) return [];
    const mark = failsOn(asked, kind) ? ' ⛔' : '';
    const named = [...told].slice(0, MOST_NAMED).map((text) => escapeMarkdown(clipped(text, LONGEST)));
    const more = told.size > named.length ? `, and ${told.size - named.length} more` : '';
    return [[`${TITLES[kind]}${mark}`, String(told.size), `${named.join('; ')}${more}`]];
  });
  const count = rows.reduce((sum, [, found]) => sum + Number(found), 0);
  const layers = read.flatMap((contents) => contents.layers);
  const files = layers.reduce((sum, { entries }) => sum + entries, 0);
  const size = layers.reduce((sum, { unpacked }) => sum + unpacked, 0);
  const looked = `Checked ${counted(files, 'file')} in ${counted(layers.length, 'layer')} (${formatBytes(size)} unpacked).`;
  const found = rows.length > 0 ? table(['Found', 'Count', 'Where'], rows) : 'No findings.';
  return folded(`Layers: ${count === 0 ? 'no findings' : counted(count, 'finding')}`, `${looked}\n\n${found}`);
}
