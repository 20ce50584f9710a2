import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './repository.ts';

const page = await readFile(join(ROOT, 'docs/threat-model.md'), 'utf8');
/** `| Attempt | Defence | Test |` */
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && cells[3]?.startsWith('`'))
  .map(([, attempt = '', , named = '']) => [attempt, named] as const);

test('the page has the attempts that it is for', () => {
  expect(rows.length).toBeGreaterThan(30);
});

test.each(rows)('%s: the test that shows it is there', async (_, named) => {
  const [, file = '', title] = /^`([^`]+)` › (.+)$/.exec(named) ?? [];
  const source = (await readFile(join(ROOT, file), 'utf8')).replaceAll("\\'", "'");
  expect(source).toContain(title);
});

test('every class of attack that has a suite is on the page', async () => {
  const suites = (await readdir(join(ROOT, 'test/attacks'))).filter((name) => name.endsWith('.e2e.ts'));
  for (const suite of suites) expect(page).toContain(`test/attacks/${suite}`);
});
