import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { pageWithTables } from './tables.ts';

test('the tables of docs/performance.md are those of the figures', async () => {
  expect(await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8')).toBe(await pageWithTables());
});
