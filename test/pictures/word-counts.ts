import { readFile, writeFile } from 'node:fs/promises';
import { wordsOutsideFolds } from '../../packages/core/src/report/summary/words.fixture.ts';
import type { Shown } from './shop.ts';

const TABLE = /(<!-- table:words -->\n)[\s\S]*?(?=<!-- \/table:words -->)/;
const HEAD = [
  '| Application | Summary, published | Summary, refused | Comment, passed | Comment, refused |',
  '| --- | --- | --- | --- | --- |',
];

/** Write how many words a reader sees before the folds into the table of `page`. */
export async function writeWordCounts(
  applications: ReadonlyMap<string, Readonly<Record<'published' | 'refused', Shown>>>,
  page: string,
): Promise<void> {
  const rows = [...applications].map(([name, { published, refused }]) => {
    const texts = [published.summary, refused.summary, published.comment, refused.comment];
    return `| ${[name, ...texts.map(wordsOutsideFolds)].join(' | ')} |`;
  });
  const text = await readFile(page, 'utf8');
  if (!TABLE.test(text)) throw new Error(`${page} has no table:words.`);
  await writeFile(
    page,
    text.replace(TABLE, (_, start: string) => `${start}${[...HEAD, ...rows].join('\n')}\n`),
  );
}
