/** Two writers move the same tag at once, a thousand times. */
import { expect, test } from '@jest/globals';
import { raceForTag } from './support/tag-race.ts';

const RACES = 1000;

test('every lost update that a look before or after can show is reported', async () => {
  const { bothWrote, reported, unreported, unseen, wrongWinner } = await raceForTag(RACES, false);
  expect(unreported).toEqual([]);
  expect(wrongWinner).toEqual([]);
  expect(reported + unseen).toBe(RACES);
  // They did meet, in both ways.
  expect(bothWrote).toBeGreaterThan(RACES / 10);
  expect(reported).toBeGreaterThan(RACES / 10);
}, 300_000);

test('no update is lost at all where the registry heeds If-Match', async () => {
  const { reported, unreported, unseen, wrongWinner } = await raceForTag(RACES / 4, true);
  expect({ reported, unreported, unseen, wrongWinner }).toEqual({
    reported: RACES / 4,
    unreported: [],
    unseen: 0,
    wrongWinner: [],
  });
}, 300_000);
