import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '@tidegate/core';
import { type HtmlReport, type ReportedFinding, reportHtml } from '@tidegate/core';
import { HOSTILE_NAMES } from '@tidegate/testkit';
import type { Page } from 'playwright-core';
import { launchBrowser, type ReportBrowser } from '../support/browser.ts';

let browser: ReportBrowser;
let page: Page;
/** Forbidden requests that the page tried. */
let tried: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser((line) => console.error(line));
}, 300_000);
afterAll(() => browser?.close());
beforeEach(() => {
  tried = [];
});
afterEach(() => page?.close());

async function open(report: HtmlReport, hash = ''): Promise<void> {
  await page?.close();
  page = await browser.open(reportHtml(report), tried);
  if (hash !== '') {
    await page.goto(`${page.url()}${hash}`);
    await page.reload();
  }
}

function finding(over: Partial<ReportedFinding> & { readonly name?: string } = {}): ReportedFinding {
  const { name = 'openssl', ...rest } = over;
  const base: Finding = {
    id: 'CVE-2026-1',
    severity: 'high',
    fix: 'fixed',
    fixedIn: ['3.0.2'],
    package: { name, version: '3.0.1', type: 'deb' },
    locations: ['/var/lib/dpkg/status'],
    aliases: [],
    url: 'https://example.com/CVE-2026-1',
  };
  return { ...base, blocking: true, remedy: `fixed by upgrading ${name}`, place: 'Dockerfile:3', ...rest };
}

const sound: HtmlReport = {
  name: 'ghcr.io/acme/app',
  digest: `sha256:${'a'.repeat(64)}`,
  passed: false,
  rules: [
    { rule: 'severity-threshold', outcome: 'fail', why: 'linux/amd64: 1 finding at or above high.' },
    { rule: 'sbom-present', outcome: 'pass', why: 'SBOM of linux/amd64.' },
  ],
  platforms: [
    {
      platform: 'linux/amd64',
      digest: `sha256:${'d'.repeat(64)}`,
      layers: [
        { digest: 'sha256:1', size: 30_000_000, made: 'base image debian:12', place: 'Dockerfile:1' },
        { digest: 'sha256:2', size: 5_000_000, made: 'COPY app /app', place: 'Dockerfile:3' },
      ],
      packages: [
        { name: 'openssl', version: '3.0.1', type: 'deb', licenses: ['Apache-2.0'] },
        { name: 'left-pad', version: '1.0.0', type: 'npm', licenses: ['MIT'] },
      ],
      findings: [
        finding(),
        finding({ id: 'CVE-2026-2', severity: 'low', blocking: false, name: 'left-pad' }),
        finding({ id: 'CVE-2026-3', severity: 'critical', blocking: false, suppressed: 'app.vex.json, statement 1' }),
      ],
    },
  ],
};

const text = (selector: string) => page.locator(selector).textContent();
const changes = () => page.locator('#groups > .group:visible .title').allTextContents();
/** Advisories in the rows that are not filtered out, in folded changes too. */
const advisories = () =>
  page
    .locator('#groups .findings > li:not([hidden])')
    .evaluateAll((all) => all.map((one) => one.querySelector('strong')?.textContent));

describe('the report in a browser, from a file', () => {
  beforeEach(() => open(sound));
  afterEach(() => expect(tried).toEqual([]));

  test('shows the verdict, why, and the changes that fix it: those that fail the gate first, suppressed ones last', async () => {
    expect(await text('#verdict')).toContain('Not published: the gate failed');
    expect(await text('#failed')).toContain('severity-threshold linux/amd64: 1 finding');
    expect(await changes()).toEqual([
      'Upgrade openssl to 3.0.2',
      'Upgrade left-pad to 3.0.2',
      'Upgrade openssl to 3.0.2',
    ]);
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3']);
    const [first, , last] = await page.locator('#groups .findings > li').allTextContents();
    expect(first).toMatch(/Fails the gate.*openssl 3\.0\.1.*Dockerfile:3.*fixed by upgrading openssl/s);
    expect(last).toContain('Suppressed: app.vex.json, statement 1');
  });

  test('filters by text, severity and state, and counts what is left', async () => {
    const search = page.locator('#filter input[type=search]');
    await search.fill('left-pad');
    expect(await advisories()).toEqual(['CVE-2026-2']);
    expect(await text('#count')).toBe('1 of 3 findings, in 1 of 3 changes');
    // The few that a search finds are unfolded.
    expect(await page.locator('#groups .findings > li:visible').count()).toBe(1);
    await page.locator('#filter button[type=reset]').click();
    await page.locator('#filter input[value=low]').check();
    expect(await advisories()).toEqual(['CVE-2026-2']);
    await page.locator('#filter input[value=high]').check();
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-2']);
    await page.locator('#filter select[name=state]').selectOption({ label: 'Fails the gate' });
    expect(await advisories()).toEqual(['CVE-2026-1']);
  });

  test('the address keeps the filter', async () => {
    await page.locator('#filter input[value=low]').check();
    await page.locator('#filter input[type=search]').fill('left pad');
    await page.locator('#filter select[name=sort]').selectOption('name');
    expect(new URL(page.url()).hash).toBe('#severity=low&q=left+pad&sort=name');
    await page.reload();
    expect(await advisories()).toEqual(['CVE-2026-2']);
    expect(await page.locator('#filter input[type=search]').inputValue()).toBe('left pad');
    // A tile is a link to a filter.
    await page.locator('.tile', { hasText: 'Fail the gate' }).click();
    expect(await advisories()).toEqual(['CVE-2026-1']);
    // The address of a section is not a filter.
    await page.locator('nav a', { hasText: 'Layers' }).click();
    expect(await advisories()).toEqual(['CVE-2026-1']);
  });

  test('sorts the changes by name', async () => {
    await page.locator('#filter select[name=sort]').selectOption('name');
    expect((await changes())[0]).toBe('Upgrade left-pad to 3.0.2');
    await page.locator('#filter select[name=sort]').selectOption('');
    expect((await changes())[1]).toBe('Upgrade left-pad to 3.0.2');
  });

  test('draws layers as wide as they are large, with the instructions that created them', async () => {
    const bars = page.locator('#layers .stack rect');
    const widths = await bars.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeGreaterThan(4);
    expect(await page.locator('#layers ol.layers > li').nth(1).textContent()).toMatch(
      /4\.8 MiB.*Dockerfile:3.*COPY app/s,
    );
  });

  test('shows what is the same on every platform once, and filters by platform', async () => {
    const [platform] = sound.platforms as readonly [HtmlReport['platforms'][0]];
    const second = { ...platform, platform: 'linux/arm64', findings: platform.findings.slice(0, 2) };
    await open({ ...sound, platforms: [platform, second] });
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3']);
    const on = await page.locator('#groups .findings > li .facts').allTextContents();
    expect(on.map((one) => /all platforms|linux\/\w+$/.exec(one)?.[0])).toEqual([
      ...['all platforms', 'all platforms', 'linux/amd64'],
    ]);
    expect(await page.locator('#packages tbody tr').count()).toBe(2);
    await page.locator('#filter select[name=platform]').selectOption('linux/arm64');
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-2']);
  });

  test('lists packages with their licences, and finds them', async () => {
    const rows = page.locator('#packages tbody tr:visible');
    expect(await rows.first().textContent()).toMatch(/left-pad npm1\.0\.0MIT/);
    await page.locator('#package-filter input').fill('apache');
    expect(await rows.allTextContents()).toEqual([expect.stringContaining('openssl')]);
    expect(await text('#package-count')).toBe('1 of 2 packages');
  });
});

describe('text from outside in the report', () => {
  test('does nothing, whatever it is and wherever it appears', async () => {
    const texts = HOSTILE_NAMES;
    await open({
      ...sound,
      name: texts.join(' '),
      rules: texts.map((why) => ({ rule: 'severity-threshold', outcome: 'fail', why })),
      platforms: [
        {
          ...{ digest: texts[0] ?? '', platform: texts.join(' ') },
          layers: texts.map((one) => ({ digest: one, size: 1, made: one, place: one })),
          packages: texts.map((one) => ({ name: one, version: one, type: one, licenses: [one] })),
          findings: texts.map((one) =>
            finding({
              ...{ id: one, name: one, place: one, remedy: one, title: one },
              locations: [one],
              aliases: [one],
              url: one,
            }),
          ),
        },
      ],
    });
    const count = new Set(texts).size;
    expect(await page.locator('#groups .findings > li').count()).toBe(count);
    expect(await page.locator('#package-list tbody tr').count()).toBe(count);
    // Filters, search and folds handle them too.
    await page.locator('#filter input[type=search]').fill('<img');
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    const ours = new Set(
      'a button caption code dd details div dl dt fieldset form h2 h3 input label legend li main ol option p pre rect section select span strong summary svg table tbody td th thead title tr ul'.split(
        ' ',
      ),
    );
    const found = await page.locator('main, main *').evaluateAll((all) => all.map((one) => one.tagName.toLowerCase()));
    expect([...new Set(found)].filter((name) => !ours.has(name))).toEqual([]);
    const active = await page
      .locator('body *')
      .evaluateAll((all) =>
        all.flatMap((one) => one.getAttributeNames()).filter((name) => /^on|^style$|^src/.test(name)),
      );
    expect(active).toEqual([]);
    const links = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
    expect(links.filter((link) => !link.startsWith('#'))).toEqual(['https://evil.example/']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(await text('body')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(tried).toEqual([]);
  });

  test('an address is a link only if it is one to the web', async () => {
    const urls = [
      'javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'file:///etc/passwd',
      'not an address',
    ];
    const findings = urls.map((url, at) => finding({ url, id: `CVE-2026-${at}` }));
    await open({ ...sound, platforms: [{ ...(sound.platforms[0] as HtmlReport['platforms'][0]), findings }] });
    expect(await page.locator('main a').count()).toBe(0);
    expect(await advisories()).toEqual(['CVE-2026-0', 'CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3']);
    expect(tried).toEqual([]);
  });

  test('an address with a hostile filter finds nothing and breaks nothing', async () => {
    await open(
      sound,
      `#severity=${encodeURIComponent('"]')}&platform=x&from=y&state=__proto__&sort=constructor&q=%22%3E%3Cimg`,
    );
    expect(await text('#count')).toBe('0 of 3 findings, in 0 of 3 changes');
    expect(tried).toEqual([]);
  });
});
