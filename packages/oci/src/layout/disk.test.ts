import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { scratchFolder } from '../fixture.ts';
import { Disk } from './disk.ts';

const base = scratchFolder('disk');
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

/** Every look at the clock finds it so many milliseconds later. */
function clock(step: () => number): void {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += step();
    return now;
  });
}

test('small writes are done at once until one has waited for the disk, and arrive either way', async () => {
  let step = 0.5;
  clock(() => step);
  const path = join(base, 'writes');
  const file = openSync(path, 'w');
  const disk = new Disk();
  const chunk = (letter: string): Buffer => Buffer.alloc(100_003, letter);
  expect(disk.write(file, chunk('a'), 0)).toBeUndefined();
  step = 50;
  expect(disk.write(file, chunk('b'), 100_003)).toBeUndefined();
  step = 0.5;
  const last = disk.write(file, chunk('c'), 200_006);
  expect(last).toBeInstanceOf(Promise);
  await last;
  closeSync(file);
  expect(readFileSync(path).equals(Buffer.concat([chunk('a'), chunk('b'), chunk('c')]))).toBe(true);
});

test('a sync is waited for elsewhere until it is known to be quick, and again for good once it is not', async () => {
  let step = 50;
  clock(() => step);
  const file = openSync(join(base, 'syncs'), 'w');
  const disk = new Disk();
  for (const [takes, here] of [
    [50, false],
    [0.5, false],
    [0.5, true],
    [50, true],
    [0.5, false],
    [0.5, false],
  ] as const) {
    step = takes;
    const way = disk.sync(file);
    expect(way === undefined).toBe(here);
    await way;
  }
  closeSync(file);
});

test('a write error is reported at once or later', async () => {
  const path = join(base, 'read-only');
  closeSync(openSync(path, 'w'));
  const file = openSync(path, 'r');
  let step = 0.5;
  clock(() => step);
  const disk = new Disk();
  expect(() => disk.write(file, Buffer.from('x'), 0)).toThrow(/EBADF/);
  step = 50;
  disk.write(file, Buffer.alloc(0), 0);
  await expect(disk.write(file, Buffer.from('x'), 0)).rejects.toThrow(/EBADF/);
  closeSync(file);
});
