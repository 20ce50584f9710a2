import { median, pairs, summary } from '../figures.ts';
import type { Cell } from './cells.ts';
import type { OwnTime } from './own-time.ts';
import type { StepTimes } from './peers.ts';
import { type Measured, PEERS } from './run-cell.ts';

/** The figures of a cell, in seconds. */
export function figuresOf(cell: Cell, { image, ours, peers }: Measured): Readonly<Record<string, unknown>> {
  const seconds = ours.map((one) => one.seconds);
  const beside: Record<string, unknown> = {};
  for (const [side, runs] of peers) {
    const name = PEERS[side];
    const totals = runs.map(({ total = Number.NaN }) => total);
    beside[name] = summary(totals);
    beside[`ratio to ${name}`] = summary(pairs(seconds, totals));
    beside[`${name} by step, median seconds`] = medians(runs);
  }
  const shares = (part: (own: OwnTime) => number) => summary(ours.map((one) => part(one.own) / 1000 / one.seconds));
  return {
    about: cell.about,
    runs: ours.length,
    image,
    ours: summary(seconds),
    ...beside,
    'ours, how often Syft cataloged': median(ours.map(({ catalogs }) => catalogs)),
    'ours, share of the time in which none of its tools ran': {
      'its main thread at work': shares(({ working }) => working),
      'nothing to do but wait for the registry': shares(({ awaiting }) => awaiting),
      "files, git, other threads, Node's start and end": shares(({ other }) => other),
      sum: summary(ours.map((one) => one.ownSeconds / one.seconds)),
    },
    'ours, own time, seconds': summary(ours.map(({ ownSeconds }) => ownSeconds)),
  };
}

function medians(runs: readonly StepTimes[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.keys(runs[0] ?? {}).map((step) => [
      step,
      Number(median(runs.map((one) => one[step] ?? Number.NaN)).toFixed(3)),
    ]),
  );
}
