import { causeOf, counted, type Finding, fixSentence, placeOf } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';

/** GitHub shows ten annotations per step, and silently drops the rest. */
const MOST_ANNOTATIONS = 5;

/** Findings that fail the gate, on the line that caused them: one annotation per line, worst first. */
export function annotate({ blocking, causes, platform }: PlatformView, job: Job): void {
  if (!causes) return;
  const lines = new Map<string, Finding[]>();
  for (const finding of blocking) {
    const place = placeOf(causeOf(finding, causes));
    if (!place) continue;
    const key = `${place.line} ${place.file}`;
    lines.set(key, [...(lines.get(key) ?? []), finding]);
  }
  for (const [worst, ...others] of [...lines.values()].slice(0, MOST_ANNOTATIONS)) {
    if (!worst) continue;
    const cause = causeOf(worst, causes);
    const place = placeOf(cause);
    if (!place) continue;
    const more = others.length > 0 ? ` and ${counted(others.length, 'more finding')}` : '';
    job.log.warning(
      `${worst.id} (${worst.severity}) in ${worst.package.name} ${worst.package.version}${more} on ${platform}: ${fixSentence(worst, cause)}.`,
      { file: place.file, line: place.line, title: 'Fails the gate' },
    );
  }
}

/** One warning per platform: findings that would fail the gate if the live image did not have them. */
export function warnOfLive({ live, liveName, platform }: PlatformView, job: Job): void {
  const [worst] = live;
  if (!worst) return;
  const { name, version } = worst.package;
  const them = live.length === 1 ? 'it' : 'them';
  job.log.warning(
    `${platform}: ${counted(live.length, 'finding')} would fail the gate, but ${liveName ?? 'the live image'} already has ${them}. Worst: ${worst.id} (${worst.severity}) in ${name} ${version}.`,
  );
}
