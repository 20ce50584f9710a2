import { readFile } from 'node:fs/promises';
import { toolSpans } from './recorded-tools.ts';

/** How the time in which none of an action's tools ran was spent. Milliseconds. */
export interface OwnTime {
  /** The main thread was at work, whoever else was. */
  readonly working: number;
  /** It had nothing to do but to wait for an answer of the registry. */
  readonly awaiting: number;
  /** Neither: files, git, other threads of the process, its start before the first note and its end after the last. */
  readonly other: number;
}

/**
 * @param timeline as timeline.mjs left it
 * @param tools as recordTools noted them
 * @param from and `to` when the process was started and had ended, milliseconds since the epoch
 */
export async function ownTime(timeline: string, tools: string, from: number, to: number): Promise<OwnTime> {
  const notes: [number, number, number][] = JSON.parse(await readFile(timeline, 'utf8'));
  const spans = await toolSpans(tools);
  /** Milliseconds of an interval in which no tool ran. */
  const free = (begin: number, end: number) => {
    let covered = 0;
    for (const [a, b] of spans) covered += Math.max(0, Math.min(b, end) - Math.max(a, begin));
    return Math.max(0, end - begin - covered);
  };
  let [working, awaiting] = [0, 0];
  for (const [at, [begin, active, requests]] of notes.entries()) {
    const next = notes[at + 1];
    if (!next || next[0] <= begin) continue;
    const share = free(begin, next[0]) / (next[0] - begin);
    const worked = Math.min(next[1] - active, next[0] - begin);
    working += worked * share;
    if (requests > 0) awaiting += (next[0] - begin - worked) * share;
  }
  const whole = free(from, to);
  return { working, awaiting, other: whole - working - awaiting };
}
