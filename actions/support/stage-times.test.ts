import { expect, test } from '@jest/globals';
import type { Log, Progress } from '@tidegate/core';
import { stageTimes } from './stage-times.ts';

test('the table has start, duration and bytes of each group and transfer, and failed ones', async () => {
  let time = 0;
  const inner = { group: (_: string, work: (log: Log) => unknown) => work(inner) } as unknown as Log;
  const progress: Progress = { start: () => ({ advance: () => {}, done: () => {} }) };
  const times = stageTimes(inner, progress, () => time);
  expect(times.table()).toBe('');
  await times.log.group('BuildKit', async () => {
    time += 42_000;
  });
  const upload = times.progress.start('Blobs to ghcr.io/acme/app', 100);
  upload.advance(2048);
  time += 1500;
  const failed = times.log.group('Grype: linux/amd64', async () => {
    time += 500;
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  upload.done();
  times.progress.start('Layers');
  expect(
    times
      .table()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['Stage', 'Start', 'Time', 'Transferred'],
    ['BuildKit', '0 ms', '42 s'],
    ['Blobs to ghcr.io/acme/app', '42 s', '2 s', '2 KiB'],
    ['Grype: linux/amd64', '43.5 s', '500 ms'],
    ['Layers', '44 s', 'not finished', '0 B'],
  ]);
});
