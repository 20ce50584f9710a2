/** Reads all pages of the site from the repository. */
import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGE_PATTERNS } from './paths.ts';

/** Their Markdown, by path in the repository, sorted. */
export async function readPages(root: string): Promise<ReadonlyMap<string, string>> {
  const found: string[] = [];
  const exclude = (name: string) => name.includes('node_modules') || name.includes('.vitepress');
  for await (const file of glob([...PAGE_PATTERNS], { cwd: root, exclude })) found.push(file);
  const pages = new Map<string, string>();
  for (const file of found.sort()) pages.set(file, await readFile(join(root, file), 'utf8'));
  return pages;
}

/** The first heading, without its code marks. @throws Error if there is none */
export function titleOf(file: string, text: string): string {
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (title === undefined) throw new Error(`${file} has no title (# …)`);
  return title.replaceAll('`', '');
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
