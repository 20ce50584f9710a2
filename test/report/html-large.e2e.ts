/** A report of 1,000 findings on five platforms: size, height, accessibility, and use without a script. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportHtml } from '@tidegate/core';
import type { Page } from 'playwright-core';
import { largeReport } from '../../packages/core/src/report/html/large.fixture.ts';
import { launchBrowser, type ReportBrowser } from '../support/browser.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DESKTOP = { width: 1280, height: 900 };
const WIDTH = 'document.documentElement.scrollWidth';
const PHONE = { width: 390, height: 844 };

const large = reportHtml(...largeReport(1000));
const published = reportHtml(...largeReport(40, { platforms: 2, passed: true }));
let browser: ReportBrowser;
const tried: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser((line) => console.error(line));
}, 300_000);
afterAll(() => browser?.close());

const open = (html: string, options: Parameters<ReportBrowser['open']>[2]) => browser.open(html, tried, options);

test('is smaller than 2 MB', () => {
  expect(Buffer.byteLength(large)).toBeLessThan(2_000_000);
});

describe.each([
  ['refused', 'light', DESKTOP],
  ['refused', 'dark', PHONE],
  ['published', 'dark', DESKTOP],
  ['published', 'light', PHONE],
] as const)('%s, %s, %j', (kind, colorScheme, viewport) => {
  let page: Page;
  beforeAll(async () => {
    // axe-core runs in the page, which the page's policy forbids; a test without axe-core keeps the policy.
    page = await open(kind === 'refused' ? large : published, { colorScheme, viewport, bypassCSP: true });
  }, 120_000);
  afterAll(() => page?.close());

  test('has a bounded height, and nothing to scroll sideways', async () => {
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    const width = await page.evaluate<number>(WIDTH);
    expect(height).toBeLessThan(viewport === DESKTOP ? 4000 : 7000);
    expect(width).toBeLessThanOrEqual(viewport.width);
  });

  test('axe-core finds no violation, folded or not', async () => {
    await page.evaluate(AXE);
    const violations = () =>
      page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: AxeViolation[] }> } };
        const { violations } = await axe.run();
        return violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .map((node) => node.html.slice(0, 200))
              .slice(0, 3)
              .join(' | ')}`,
        );
      });
    expect(await violations()).toEqual([]);
    // Changes with hundreds of findings make axe-core slow without adding anything that it has not seen.
    await page.evaluate(
      'for (const one of document.querySelectorAll("details")) one.open = one.querySelectorAll("li").length < 60',
    );
    expect(await violations()).toEqual([]);
    const width = await page.evaluate<number>(WIDTH);
    expect(width).toBeLessThanOrEqual(viewport.width);
    expect(tried).toEqual([]);
  }, 240_000);
});

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

test('is filtered and paged', async () => {
  const page = await open(large, { viewport: DESKTOP });
  const status = () => page.locator('#count').textContent();
  const visible = () => page.locator('#groups > .group:visible').count();
  expect(await status()).toBe('1000 of 1000 findings, in 290 of 290 changes');
  expect(await visible()).toBe(12);
  await page.locator('#more').click();
  expect(await visible()).toBe(62);
  // The first new row has the focus, so that a keyboard continues there.
  expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
  await page.locator('#filter input[type=search]').fill('CVE-2026-10999');
  expect(await status()).toBe('1 of 1000 findings, in 1 of 290 changes');
  await page.close();
  expect(tried).toEqual([]);
});

test('is read by keyboard: the skip link, the sections, a filter, and a row that unfolds', async () => {
  const page = await open(published, { viewport: DESKTOP });
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the findings');
  const row = page.locator('#groups summary').first();
  await row.focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('#groups .findings > li:visible').count()).toBeGreaterThan(0);
  const landmarks = await page.locator('body > header, body > nav, body > main, body > footer').count();
  expect([landmarks, await page.locator('h1').count(), await page.locator('[aria-live]').count()]).toEqual([4, 1, 2]);
  await page.close();
  expect(tried).toEqual([]);
});

test('is complete without a script', async () => {
  const page = await open(large, { viewport: DESKTOP, javaScriptEnabled: false });
  expect(await page.locator('#filter').isVisible()).toBe(false);
  expect(await page.locator('.findings > li').count()).toBe(1000);
  const last = page.locator('#groups .rest .group').last();
  expect(await last.isVisible()).toBe(false);
  await page.locator('#groups > .rest > details > summary').click();
  await last.locator('summary').click();
  expect(await last.locator('.findings > li').first().isVisible()).toBe(true);
  await page.close();
});

test('on paper, everything is unfolded and nothing is a control', async () => {
  const page = await open(published, { viewport: DESKTOP });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate('dispatchEvent(new Event("beforeprint"))');
  expect(await page.locator('.findings > li:not(:visible)').count()).toBe(0);
  expect(await page.locator('form:visible, button:visible, nav:visible').count()).toBe(0);
  await page.close();
});
