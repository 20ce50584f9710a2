/**
 * How long Chromium takes to paint the report of 1,000 findings on five platforms for the first time, and its size.
 * Command: `npm run bench -- report-page`. Writes test/bench/figures/report-page.json. Wanted: under half a second, and
 * under 2 MB.
 */
import { reportHtml } from '@tidegate/core';
import { largeReport } from '../../packages/core/src/report/html/large.fixture.ts';
import { launchBrowser } from '../support/browser.ts';
import { summary, writeFigures } from './figures.ts';

const RUNS = Number(process.env.BENCH_RUNS ?? 11);

const html = reportHtml(...largeReport(1000));
const browser = await launchBrowser((line) => console.error(line));
const seconds: number[] = [];
try {
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const page = await browser.open(html, [], { viewport: { width: 1280, height: 900 } });
    const painted = await page.evaluate<number | undefined>(
      'performance.getEntriesByName("first-contentful-paint")[0]?.startTime',
    );
    await page.close();
    if (painted === undefined) throw new Error('Chromium did not paint the page.');
    if (turn > 0) seconds.push(painted / 1000);
  }
} finally {
  await browser.close();
}
await writeFigures('report-page', {
  command: 'npm run bench -- report-page',
  runs: RUNS,
  bytes: Buffer.byteLength(html),
  'seconds to the first paint': summary(seconds),
});
