/** Debian's Chromium, and pages in it that record everything a report must not do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDebianPackages } from '@tidegate/testkit';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export interface ReportBrowser {
  /** Opens a page from a file. `tried` receives requests, dialogs, errors, and refusals of the page's policy. */
  readonly open: (html: string, tried: string[], options?: BrowserContextOptions) => Promise<Page>;
  readonly close: () => Promise<void>;
}

export async function launchBrowser(log: (line: string) => void): Promise<ReportBrowser> {
  await ensureDebianPackages(['chromium'], { log });
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  const browser: Browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  let files = 0;
  return {
    open: async (html, tried, options = {}) => {
      const page = await browser.newPage(options);
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) tried.push(`request ${request.url()}`);
      });
      page.on('dialog', (dialog) => {
        tried.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('pageerror', (error) => tried.push(`error ${error.message}`));
      page.on('console', (message) => tried.push(`console ${message.text()}`));
      files += 1;
      const file = join(folder, `${files}.html`);
      await writeFile(file, html);
      await page.goto(pathToFileURL(file).href);
      return page;
    },
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
