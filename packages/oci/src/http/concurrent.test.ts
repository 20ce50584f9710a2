import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eachConcurrently } from './concurrent.ts';

async function most(items: readonly number[], limit: number): Promise<number> {
  let [running, found] = [0, 0];
  const done: number[] = [];
  const work = async (item: number): Promise<void> => {
    running += 1;
    found = Math.max(found, running);
    await wait(1);
    done.push(item);
    running -= 1;
  };
  await eachConcurrently(items, () => limit, undefined, work);
  expect(done.sort((a, b) => a - b)).toEqual(items);
  return found;
}

const items = Array.from({ length: 20 }, (_, at) => at);

test('no more than the limit are under way, and one always is', async () => {
  expect(await most(items, 8)).toBe(8);
  expect(await most(items, 1)).toBe(1);
  expect(await most(items, 0)).toBe(1);
});
