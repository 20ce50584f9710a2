import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './repository.ts';

const MOST_WORDS = { summary: 300, comment: 150 };

test('summary and comment of six ordinary applications, published and refused, are short', async () => {
  const page = await readFile(join(ROOT, 'docs/performance.md'), 'utf8');
  const [, table = ''] = /<!-- table:words -->\n([\s\S]*?)<!-- \/table:words -->/.exec(page) ?? [];
  const rows = table.split('\n').slice(2, -1);
  expect(rows).toHaveLength(6);
  for (const row of rows) {
    const [published, refused, passedComment, refusedComment, ...others] = row.split('|').slice(2, -1).map(Number);
    expect(others).toEqual([]);
    for (const words of [published, refused]) {
      expect(words).toBeGreaterThan(10);
      expect(words).toBeLessThanOrEqual(MOST_WORDS.summary);
    }
    for (const words of [passedComment, refusedComment]) {
      expect(words).toBeGreaterThan(10);
      expect(words).toBeLessThanOrEqual(MOST_WORDS.comment);
    }
  }
});
