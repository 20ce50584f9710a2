import { annotationsFor, counted } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';

/** Changes that fix findings, on the lines to change: errors where the gate requires them, otherwise warnings. */
export function annotate(views: readonly PlatformView[], job: Job): void {
  for (const { level, message, place, title } of annotationsFor(views)) {
    job.log.warning(message, { file: place.file, line: place.line, title, level });
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
