/**
 * The same tag moved by two writers at once, a thousand times, on a registry that heeds If-Match and on one that does not:
 * what is reported, what nobody could have seen, and how long the window is in which nobody can.
 * Command: `npm run bench -- tag-race`. Writes test/bench/figures/tag-race.json.
 */
import { raceForTag } from '../faults/engine/support/tag-race.ts';
import { writeFigures } from './figures.ts';

const RACES = Number(process.env.BENCH_RACES ?? 1000);

const figures: Record<string, unknown> = {};
for (const heeds of [false, true]) {
  const { unreported, wrongWinner, window, ...counts } = await raceForTag(RACES, heeds);
  figures[heeds ? 'If-Match heeded' : 'If-Match not heeded'] = {
    ...counts,
    unreported: unreported.length,
    wrongWinner: wrongWinner.length,
    'window, ms': window,
  };
}
await writeFigures('tag-race', {
  command: 'npm run bench -- tag-race',
  'requests held up by, ms': 'nothing to 4, at random',
  ...figures,
});
