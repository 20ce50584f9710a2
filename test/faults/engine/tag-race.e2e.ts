/** Two writers move the same tag at once, a thousand times. */
import { afterAll, expect, test } from '@jest/globals';
import { keepFigures } from '../figures.ts';
import { raceForTag, type TagRaces } from './support/tag-race.ts';

const RACES = 1000;

const found: Record<
  string,
  Omit<TagRaces, 'unreported' | 'wrongWinner'> & { unreported: number; wrongWinner: number }
> = {};
afterAll(() => keepFigures('tag-race', 'faults', found));
async function race(mode: string, races: number, heeds: boolean): Promise<TagRaces> {
  const all = await raceForTag(races, heeds);
  found[mode] = { ...all, unreported: all.unreported.length, wrongWinner: all.wrongWinner.length };
  return all;
}

test('every lost update that a look before or after can show is reported', async () => {
  const { bothWrote, reported, unreported, unseen, wrongWinner } = await race('If-Match not heeded', RACES, false);
  expect(unreported).toEqual([]);
  expect(wrongWinner).toEqual([]);
  expect(reported + unseen).toBe(RACES);
  // They did meet, in both ways.
  expect(bothWrote).toBeGreaterThan(RACES / 10);
  expect(reported).toBeGreaterThan(RACES / 10);
}, 300_000);

test('no update is lost at all where the registry heeds If-Match', async () => {
  const { reported, unreported, unseen, wrongWinner } = await race('If-Match heeded', RACES / 4, true);
  expect({ reported, unreported, unseen, wrongWinner }).toEqual({
    reported: RACES / 4,
    unreported: [],
    unseen: 0,
    wrongWinner: [],
  });
}, 300_000);
