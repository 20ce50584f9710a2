import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { SOURCE_RULES } from './finding.ts';

const FOLDER = new URL('../../../docs/rules/', import.meta.url);

test('every rule has a page, and every page a rule', async () => {
  const pages = (await readdir(FOLDER)).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(
    Object.keys(SOURCE_RULES)
      .map((name) => `${name}.md`)
      .sort(),
  );
});

test.each(Object.entries(SOURCE_RULES))(
  'the page of %s says what the rule says',
  async (name, { level, title, why, fix }) => {
    const page = await readFile(new URL(`${name}.md`, FOLDER), 'utf8');
    expect(page.startsWith(`# ${name}\n`)).toBe(true);
    for (const said of [`**${title}.** Level: ${level}.`, why, fix]) expect(page).toContain(said);
    const index = await readFile(new URL('README.md', FOLDER), 'utf8');
    expect(index).toContain(`| [\`${name}\`](${name}.md) | ${level} | ${title} |`);
  },
);
