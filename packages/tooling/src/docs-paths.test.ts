/**
 * Pages have no broken references: links between pages, their headings, and the paths that pages about this repository
 * name.
 */
import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './repository.ts';
import { anchorsOf, withoutBlocks } from './site/headings.ts';

async function pagesAmong(...patterns: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(patterns, { cwd: ROOT, exclude: (name) => /node_modules|\.vitepress/.test(name) })) {
    found.push(path);
  }
  return found.sort();
}

const pages = await pagesAmong(
  '*.md',
  'docs/**/*.md',
  'actions/*/README.md',
  'packages/*/README.md',
  'test/**/*.md',
  '.github/*.md',
  'examples/**/*.md',
);
/** Actions of GitHub with names like those of our folders. */
const GITHUBS = /^actions\/(?:attest|cache|checkout|setup-node|(?:down|up)load-artifact)$/;
/** Other pages also name paths of the user's repository. */
const aboutUs = await pagesAmong(
  'CONTRIBUTING.md',
  'docs/*.md',
  'docs/decisions/*.md',
  'packages/*/README.md',
  'test/**/README.md',
);

const text = (page: string) => readFile(join(ROOT, page), 'utf8');
const isThere = (path: string) =>
  access(join(ROOT, path)).then(
    () => true,
    () => false,
  );

test.each(pages)('%s: every link within the repository leads to a file and a heading', async (page) => {
  const broken: string[] = [];
  const source = await text(page);
  for (const [, link = ''] of withoutBlocks(source).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : normalize(join(dirname(page), file));
    if (!(await isThere(target))) broken.push(link);
    else if (anchor !== undefined && target.endsWith('.md') && !anchorsOf(await text(target)).has(anchor)) {
      broken.push(link);
    }
  }
  expect(broken).toEqual([]);
});

test.each(pages)('%s: every link to another site has the form of one', async (page) => {
  const wrong: string[] = [];
  for (const [, link = ''] of withoutBlocks(await text(page)).matchAll(/\]\(([a-z]+:[^)]*)\)/g)) {
    if (!isForeign(link)) wrong.push(link);
  }
  expect(wrong).toEqual([]);
});

/** Servers are not asked: a test must not fail because another site is down. */
function isForeign(link: string): boolean {
  if (!URL.canParse(link)) return false;
  const { protocol, hostname, username } = new URL(link);
  return protocol === 'https:' && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) && username === '' && !/\s/.test(link);
}

test.each(aboutUs)('%s: every path it names is there', async (page) => {
  const missing: string[] = [];
  const paths = withoutBlocks(await text(page)).matchAll(
    /`((?:packages|actions|test|docs|examples|schema|dist|\.github\/workflows)\/[\w.<>*/-]+)`/g,
  );
  for (const [, path = ''] of paths) {
    // `<name>` matches any name.
    const pattern = path.replaceAll(/<[^>]*>/g, '*');
    if (GITHUBS.test(path)) continue;
    const found = pattern.includes('*') ? (await pagesAmong(pattern)).length > 0 : await isThere(path);
    if (!found) missing.push(path);
  }
  expect(missing).toEqual([]);
});

const packagePages = pages.filter((page) => page.startsWith('packages/'));

test.each(packagePages)('%s: every folder and file of the package that it names is there', async (page) => {
  const folder = dirname(page);
  const missing: string[] = [];
  for (const [, path = ''] of (await text(page)).matchAll(/`((?!(?:docs|dist)\/)[\w-]+\/[\w./-]*)`/g)) {
    if (!(await isThere(join(folder, path))) && !(await isThere(join(folder, 'src', path)))) missing.push(path);
  }
  expect(missing).toEqual([]);
});

const decisions = pages.filter((page) => /^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/.test(page));

test('the index of decisions has each page once, under its title, and each number once', async () => {
  const index = await text('docs/decisions/README.md');
  const listed = [...index.matchAll(/^- \[(\d{4}) (.+)\]\((.+)\)$/gm)].map(([, number = '', title, file]) => {
    return [`docs/decisions/${file}`, `# ${Number(number)}. ${title}`];
  });
  const titled = await Promise.all(decisions.map(async (page) => [page, (await text(page)).split('\n')[0]]));
  expect(listed.toSorted()).toEqual(titled.toSorted());
  expect(new Set(decisions.map((page) => page.slice(0, 'docs/decisions/0000'.length))).size).toBe(decisions.length);
});

test.each(decisions)('%s has a context, a decision and consequences', async (page) => {
  const headings = [...(await text(page)).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(['Context', 'Decision', 'Consequences']);
});

test('these checks find pages', () => {
  expect(pages.length).toBeGreaterThan(60);
  expect(packagePages.length).toBeGreaterThan(8);
  expect(decisions.length).toBeGreaterThan(30);
  expect(aboutUs).toContain('docs/architecture.md');
});
