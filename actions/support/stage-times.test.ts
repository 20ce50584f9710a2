import { expect, test } from '@jest/globals';
import type { Log, Progress } from '@tidegate/core';
import { stageTimes } from './stage-times.ts';

test('each group ends with its duration, also one that fails', async () => {
  let time = 0;
  const lines: string[] = [];
  const inner = {
    info: (line: string) => void lines.push(line),
    group: (_: string, work: (log: Log) => unknown) => work(inner),
  } as unknown as Log;
  const { log } = stageTimes(inner, { start: () => ({ advance: () => {}, done: () => {} }) }, () => time);
  const result = await log.group('Grype: linux/amd64', async (within) => {
    within.info('scanned');
    time += 12_300;
    return 'report';
  });
  expect(result).toBe('report');
  const failing = log.group('Syft', async () => {
    time += 400;
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(lines).toEqual(['scanned', 'Grype: linux/amd64 finished in 12.3 s.', 'Syft stopped after 400 ms.']);
});

test('the table has start, duration and bytes of each group and transfer, and failed ones', async () => {
  let time = 0;
  const inner = {
    info: () => {},
    group: (_: string, work: (log: Log) => unknown) => work(inner),
  } as unknown as Log;
  const progress: Progress = { start: () => ({ advance: () => {}, done: () => {} }) };
  const times = stageTimes(inner, progress, () => time);
  expect([times.table(), times.markdown()]).toEqual(['', '']);
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
  const markdown = times.markdown();
  expect(markdown).toMatch(
    /^<details><summary>Stage times<\/summary>\n\n\| Stage \| Start \| Time \| Transferred \|\n/,
  );
  expect(markdown).toContain('| 42 s | 2 s | 2 KiB |');
});
