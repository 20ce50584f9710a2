import type { Job } from '../job.ts';

/** The value at a path of the event's payload; undefined if there is none. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    here =
      typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? here[key as keyof typeof here]
        : undefined;
  }
  return here;
}

/** The text there; undefined for anything else, and for an empty one. */
export function eventAt(event: Job['event'], ...path: readonly string[]): string | undefined {
  const value = valueAt(event, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The commit that a pull request asks to merge. */
export function pullRequestHead(event: Job['event']): string | undefined {
  return eventAt(event, 'pull_request', 'head', 'sha');
}
