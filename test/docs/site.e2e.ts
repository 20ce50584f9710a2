/**
 * The documentation site as readers get it: built by `npm run docs`, served from this machine, opened in Chromium. No
 * page needs another host, the search finds pages, and axe-core finds nothing.
 */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureDebianPackages, node24, repositoryRoot } from '@tidegate/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readPages } from '../../packages/tooling/src/site/pages.ts';
import { pageOf } from '../../packages/tooling/src/site/paths.ts';

const SITE = join(repositoryRoot, 'docs/.vitepress/dist');
const BASE = '/tidegate/';
const BUILD = 900_000;
/** The longest, the shortest, one with tables of inputs, one with code, and the home page. */
const OPENED = ['', 'guides/first-image.html', 'reference/root-action.html', 'policy/', 'threat-model.html'];

let built: { readonly exit: number | null; readonly printed: string };
let server: Server;
let address: string;
let browser: Browser;

beforeAll(async () => {
  await ensureDebianPackages(['chromium'], { log: (line) => console.error(line) });
  built = await buildSite();
  server = createServer((request, response) => {
    void serve(new URL(request.url ?? '/', 'http://localhost').pathname).then((file) => {
      if (file === undefined) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      return createReadStream(file).pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}, BUILD);

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
});

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** As `npm run docs` runs it, on the node that npm uses there. */
function buildSite(): Promise<typeof built> {
  const script = 'packages/tooling/src/site/build.ts';
  const child = spawn(node24(), ['packages/tooling/bin/bootstrap.mjs', script], {
    cwd: repositoryRoot,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, printed }));
  });
}

/** As GitHub Pages does: below the base only, a folder is its index.html. */
async function serve(path: string): Promise<string | undefined> {
  if (!path.startsWith(BASE)) return undefined;
  const file = join(SITE, normalize(decodeURIComponent(path.slice(BASE.length))));
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) return join(file, 'index.html');
  return found ? file : undefined;
}

async function open(path: string): Promise<{ readonly page: Page; readonly tried: string[] }> {
  const page = await browser.newPage();
  const tried: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('data:'))
      tried.push(`request ${request.url()}`);
  });
  page.on('pageerror', (error) => tried.push(`error ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') tried.push(`console ${message.text()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) tried.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${address}${path}`, { waitUntil: 'networkidle' });
  return { page, tried };
}

test('the site builds, and every page of the repository is in it', async () => {
  expect([built.exit, built.exit === 0 ? '' : built.printed]).toEqual([0, '']);
  const files = new Set(await readdir(SITE, { recursive: true }));
  const expected = [...(await readPages(repositoryRoot)).keys()].map((file) => pageOf(file).replace(/md$/, 'html'));
  expect(expected.filter((file) => !files.has(file))).toEqual([]);
  expect(expected.length).toBeGreaterThan(120);
});

test('no page is without a way back, or links to a page that is not there', async () => {
  const files = (await readdir(SITE, { recursive: true })).filter(
    (file) => file.endsWith('.html') && file !== '404.html',
  );
  const all = new Set(files);
  const wrong: string[] = [];
  for (const file of files) {
    const html = await readFile(join(SITE, file), 'utf8');
    const links = [...html.matchAll(/<a [^>]*href="(\/tidegate\/[^"#]*)/g)].map(([, link = '']) => link);
    if (!links.includes(BASE)) wrong.push(`${file} has no link to the first page`);
    for (const link of new Set(links)) {
      const target = link.slice(BASE.length).replace(/(^|\/)$/, '$1index.html');
      if (!all.has(target.endsWith('.html') ? target : `${target}.html`)) wrong.push(`${file} links to ${link}`);
    }
  }
  expect(wrong).toEqual([]);
});

describe.each(OPENED)('the page /%s', (path) => {
  test('contacts no other host, and has no error', async () => {
    const { page, tried } = await open(path);
    expect(await page.locator('h1').first().textContent()).not.toBe('');
    expect(tried).toEqual([]);
    await page.close();
  });

  test('has nothing that axe-core finds, in both themes', async () => {
    const { page } = await open(path);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    const found = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.locator(colorScheme === 'dark' ? 'html.dark' : 'html:not(.dark)').waitFor({ state: 'attached' });
      found.push(...(await violationsIn(page)));
    }
    expect(found).toEqual([]);
    await page.close();
  });
});

async function violationsIn(page: Page): Promise<readonly string[]> {
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe };
    return (await axe.run()).violations;
  });
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map(({ html }) => html);
    return `${id}: ${help}: ${places.join(' ')}`;
  });
}

interface Axe {
  run(): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly help: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
  }>;
}

test('the search finds a page, without a server', async () => {
  const { page, tried } = await open('');
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').fill('outage-patience');
  const first = page.locator('.result').first();
  await first.waitFor({ timeout: 20_000 });
  expect(await first.getAttribute('href')).toMatch(/^\/tidegate\/.+\.html/);
  expect(tried).toEqual([]);
  await page.close();
});
