import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianPackages, repositoryRoot } from '@tidegate/testkit';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { summaryPage } from './github-page.ts';
import type { Shown } from './shop.ts';
import { terminalPage } from './terminal-page.ts';

/** Every job downloads the archive of this repository, and nothing is left out of it. */
const BUDGET = 1_000_000;
const WIDTHS = [1280, 390] as const;
const HEIGHTS = { 1280: 1400, 390: 1300 } as const;
const THEMES = ['light', 'dark'] as const;
const QUALITY = 0.8;
const EXAMPLE_QUALITY = 0.6;

/**
 * @param examples by folder of examples/: the part of the summary before its folds, in one theme
 * @param folder its older pictures are deleted
 */
export async function drawPictures(
  shown: Readonly<Record<'published' | 'refused', Shown>>,
  examples: ReadonlyMap<string, Shown>,
  folder: string,
  log: (line: string) => void,
): Promise<void> {
  // Fonts as on GitHub under Linux, with emoji.
  await ensureDebianPackages(['cmark-gfm', 'fonts-noto-color-emoji', 'fonts-noto-core', 'fonts-noto-mono'], { log });
  const documents = Object.entries(shown).flatMap(([state, { html, summary }]) => [
    { name: `report-${state}`, document: html },
    { name: `summary-${state}`, document: summaryPage(markdownToHtml(summary)) },
  ]);
  const cases = documents.flatMap((one) =>
    WIDTHS.flatMap((width) =>
      THEMES.map((colorScheme) => ({
        ...{ ...one, width, colorScheme, quality: QUALITY, untilFold: false },
        file: `${one.name}-${width}-${colorScheme}.webp`,
      })),
    ),
  );
  for (const [name, { summary }] of examples) {
    const document = summaryPage(markdownToHtml(summary));
    const look = { width: 1280, colorScheme: 'light', quality: EXAMPLE_QUALITY, untilFold: true } as const;
    cases.push({ name, document, ...look, file: `example-${name}.webp` });
  }
  const transcript = await readFile(join(repositoryRoot, 'test/cli/transcript.ansi'), 'utf8');
  const dark = { width: 1280, colorScheme: 'dark', quality: QUALITY, untilFold: false } as const;
  cases.push({ name: 'terminal', document: terminalPage(transcript), ...dark, file: 'terminal.webp' });
  const browser = await launchBrowser(log);
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (name.endsWith('.webp')) await rm(join(folder, name));
    let total = 0;
    for (const { colorScheme, document, file, quality, untilFold, width } of cases) {
      const tried: string[] = [];
      const page = await browser.open(document, tried, { colorScheme, viewport: { width, height: 600 } });
      const picture = await webp(page, width, quality, untilFold);
      await page.close();
      if (tried.length > 0) throw new Error(`${file}: ${tried.join('; ')}`);
      await writeFile(join(folder, file), picture);
      total += picture.length;
      log(`${file}: ${picture.length} bytes`);
    }
    if (total > BUDGET) throw new Error(`The pictures have ${total} bytes, more than ${BUDGET}.`);
  } finally {
    await browser.close();
  }
}

/** The renderer that GitHub uses. */
function markdownToHtml(markdown: string): string {
  const argv = ['--unsafe', ...['table', 'autolink', 'strikethrough', 'tasklist'].flatMap((name) => ['-e', name])];
  return execFileSync('cmark-gfm', argv, { input: markdown, encoding: 'utf8' });
}

/** The upper part of a page, packed by the browser itself: smaller than a PNG, and no other program is needed. */
async function webp(page: Page, width: (typeof WIDTHS)[number], quality: number, untilFold: boolean): Promise<Buffer> {
  const fold = 'document.querySelector("details")?.getBoundingClientRect().top';
  const end = 'document.documentElement.scrollHeight';
  const full = Math.ceil(await page.evaluate<number>(untilFold ? `${fold} ?? ${end}` : end));
  const clip = { x: 0, y: 0, width, height: Math.min(full, HEIGHTS[width]) };
  const png = await page.screenshot({ clip, fullPage: true, animations: 'disabled' });
  // The report's policy forbids what follows.
  await page.goto('about:blank');
  const packed = await page.evaluate<string>(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (one) => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: ${quality} });
    const packed = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const one of packed) text += String.fromCharCode(one);
    return btoa(text);
  })()`);
  return Buffer.from(packed, 'base64');
}
