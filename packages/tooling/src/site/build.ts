/**
 * `npm run docs`: builds the documentation site into docs/.vitepress/dist. The site's generator is installed on its first
 * use, from docs/pnpm-lock.yaml. `--base PATH` sets the path that the site is served under; the default is that of
 * GitHub Pages, `/tidegate/`.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
// @ts-expect-error: it also runs before TypeScript is installed, so it has no types.
import { installPackages } from '../../bin/install.mjs';
import { ROOT, repositoryName } from '../repository.ts';
import { isFolder, readPages, titleOf } from './pages.ts';
import { sidebarOf } from './sidebar.ts';
import { stagePage } from './stage.ts';

const SITE = join(ROOT, 'docs/.vitepress');

/** Writes the pages and the settings that the generator reads. */
async function stage(base: string, address: string): Promise<void> {
  const pages = await readPages(ROOT);
  const titles = new Map([...pages].map(([file, text]) => [file, titleOf(file, text)]));
  const folders = new Set<string>();
  for (const link of linksIn(pages.values())) if (await isFolder(join(ROOT, link))) folders.add(link);
  const site = {
    pages: new Set(pages.keys()),
    repository: address,
    isFolder: (path: string) => folders.has(path),
  };
  const into = join(SITE, 'pages');
  await rm(into, { recursive: true, force: true });
  for (const [file, text] of pages) {
    const { page, text: staged, pictures } = stagePage(file, text, site);
    await write(join(into, page), staged);
    for (const [from, to] of pictures) {
      await mkdir(dirname(join(into, to)), { recursive: true });
      await copyFile(join(ROOT, from), join(into, to));
    }
  }
  await write(
    join(into, 'site.json'),
    JSON.stringify({ base, repository: address, sidebar: sidebarOf(titles) }, undefined, 2),
  );
}

/** Every path that a page may mean: which of them is a folder decides its address on GitHub. */
function linksIn(texts: Iterable<string>): Set<string> {
  const links = new Set<string>();
  for (const text of texts) {
    for (const [, link = ''] of text.matchAll(/\]\((?:\.\.?\/)*([^)#\s:]+)/g)) links.add(link.replace(/\/$/, ''));
  }
  return links;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** @returns its exit code; 1 also if it reports an error in a page, which it survives by leaving the page empty */
function generator(argv: readonly string[]): Promise<number> {
  const program = join(ROOT, 'docs/node_modules/vitepress/bin/vitepress.js');
  const child = spawn(process.execPath, [program, ...argv], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      complaint ||= /\w*Error: /.test(text);
      process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code || Number(complaint)));
  });
}

if (import.meta.main) {
  const at = process.argv.indexOf('--base');
  const { owner, name } = await repositoryName();
  const base = at === -1 ? `/${name}/` : (process.argv[at + 1] ?? '/');
  const failure: string | undefined = installPackages(join(ROOT, 'docs'));
  if (failure !== undefined) {
    console.error(failure);
    process.exit(1);
  }
  await stage(base, `https://github.com/${owner}/${name}`);
  process.exitCode = await generator(['build', 'docs']);
}
