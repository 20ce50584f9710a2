import { expect, test } from '@jest/globals';
import { createProgress } from './progress.ts';

const MIB = 1024 * 1024;

/** A clock and a ticker that move only on demand. */
function started(total?: number) {
  const lines: string[] = [];
  let time = 0;
  let stopped = false;
  let tick = () => {};
  const progress = createProgress({
    write: (line) => lines.push(line),
    now: () => time,
    ticker: (_, call) => {
      tick = call;
      return () => {
        stopped = true;
      };
    },
  });
  const moving = progress.start('layers', total);
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { lines, moving, pass, tick: () => tick(), isStopped: () => stopped };
}

test('bytes, total and the rate since the last line', () => {
  const { lines, moving, pass, tick } = started(400 * MIB);
  moving.advance(100 * MIB);
  pass(5000);
  tick();
  moving.advance(20.3 * MIB);
  pass(2000);
  tick();
  expect(lines).toEqual(['layers: 100 MiB of 400 MiB, 20 MiB/s', 'layers: 120.3 MiB of 400 MiB, 10.1 MiB/s']);
});

test('a stall is said, and for how long', () => {
  const { lines, moving, pass, tick } = started();
  moving.advance(MIB);
  pass(5000);
  tick();
  pass(5000);
  tick();
  expect(lines.at(-1)).toBe('layers: 1 MiB, no data for 10 s');
});

test('the end says how long it took', () => {
  const { lines, moving, pass, tick, isStopped } = started();
  moving.advance(10 * MIB);
  pass(5000);
  tick();
  moving.advance(10 * MIB);
  pass(5000);
  moving.done();
  expect(lines.at(-1)).toBe('layers: 20 MiB in 10 s, 2 MiB/s');
  expect(isStopped()).toBe(true);
});

test('a stage that ends at once prints nothing', () => {
  const { lines, moving, pass } = started();
  moving.advance(MIB);
  pass(300);
  moving.done();
  expect(lines).toEqual([]);
});
