import { annotationsFor, counted, expiringWarnings, type Policy } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';

/**
 * Changes that fix findings, on the lines to change: errors where the gate requires them, otherwise warnings.
 * @returns number of annotations
 */
export function annotate(views: readonly PlatformView[], job: Job): number {
  const annotations = annotationsFor(views);
  for (const { level, message, place, title } of annotations) {
    job.log.warning(message, { file: place.file, line: place.line, title, level });
  }
  return annotations.length;
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

/**
 * One warning if exceptions of the policy end within 14 days, on the line of the first if it is in this repository. The
 * summary lists more: GitHub shows ten warnings of a step.
 */
export function announceExpiring(policy: Policy, job: Pick<Job, 'clock' | 'log'>): void {
  const [first, ...others] = expiringWarnings(policy, job.clock());
  if (!first) return;
  const more = others.length > 0 ? ` ${counted(others.length, 'more exception')} end within 14 days.` : '';
  const place = placeIn(first.from);
  const title = 'An exception of the policy ends soon';
  job.log.warning(`${first.message}${more}`, place && { ...place, title });
}

/** `.github/tidegate.yml:12`. A policy that this one extends is named by its address, and is not a file here. */
function placeIn(from: string | undefined): { readonly file: string; readonly line: number } | undefined {
  const end = from?.lastIndexOf(':') ?? -1;
  const file = from?.slice(0, end) ?? '';
  const line = Number(from?.slice(end + 1));
  return file === '' || /[:@]/.test(file) || !Number.isSafeInteger(line) ? undefined : { file, line };
}
