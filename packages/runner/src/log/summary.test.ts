import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendSummary } from './summary.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'summary-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('appended text starts on a new line', async () => {
  const file = join(folder, 'a');
  await appendSummary(file, '# a');
  await appendSummary(file, '# b\n');
  expect(await readFile(file, 'utf8')).toBe('# a\n# b\n');
});

test('past 1 MiB it is cut at a line and says so, because GitHub would drop all of it', async () => {
  const file = join(folder, 'b');
  const line = `${'é'.repeat(500)}\n`;
  expect(await appendSummary(file, line.repeat(1000))).toBe(true);
  expect(await appendSummary(file, line.repeat(1000))).toBe(false);
  expect(await appendSummary(file, line.repeat(1000))).toBe(false);
  expect((await stat(file)).size).toBeLessThanOrEqual(1024 * 1024);
  const text = await readFile(file, 'utf8');
  expect(text).toMatch(/é\n\n_The summary is cut/);
  expect(text).not.toContain('\ufffd');
});
