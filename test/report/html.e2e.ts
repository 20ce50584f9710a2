import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '@tidegate/core';
import { type HtmlReport, type ReportedFinding, reportHtml, visible } from '@tidegate/core';
import { ensureDebianPackages, HOSTILE_NAMES } from '@tidegate/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';

let folder = '';
let browser: Browser;
let page: Page;
/** What the page tried that it must not: requests, dialogs, errors, refusals of its policy. */
let tried: string[] = [];

beforeAll(async () => {
  await ensureDebianPackages(['chromium'], { log: (line) => console.error(line) });
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  tried = [];
  page = await browser.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) tried.push(`request ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    tried.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => tried.push(`error ${error.message}`));
  page.on('console', (message) => tried.push(`console ${message.text()}`));
});
afterEach(() => page.close());

async function open(report: HtmlReport): Promise<void> {
  const file = join(folder, 'report.html');
  await writeFile(file, reportHtml(report));
  await page.goto(pathToFileURL(file).href);
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

const rows = (section: string) => page.locator(`#${section} tbody tr`);
const advisories = () => rows('findings').locator('td:nth-child(2)').allTextContents();

describe('the report in a browser, from a file', () => {
  beforeEach(() => open(sound));
  afterEach(() => expect(tried).toEqual([]));

  test('says the verdict, why, and what to do; what shuts the gate stands first, what is suppressed last', async () => {
    expect(await page.locator('#verdict').textContent()).toBe('gate failed');
    expect(await page.locator('#failed').textContent()).toContain('severity-threshold: linux/amd64: 1 finding');
    expect(await page.locator('#steps li').allTextContents()).toEqual([
      'openssl 3.0.1: fixed by upgrading openssl (high: CVE-2026-1)',
    ]);
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3']);
  });

  test('shows what brought a finding in, what mends it and what suppressed it', async () => {
    expect(await rows('findings').nth(0).textContent()).toMatch(/Dockerfile:3fixed by upgrading openssl/);
    expect(await rows('findings').nth(2).textContent()).toMatch(/Suppressed: app\.vex\.json, statement 1/);
  });

  test('filters by text', async () => {
    await page.locator('#findings input[type=search]').fill('left-pad');
    expect(await advisories()).toEqual(['CVE-2026-2']);
    expect(await page.locator('#findings .count').textContent()).toBe('1 of 3');
  });

  test('filters by severity, and by what shuts the gate', async () => {
    await page.locator('#findings input[name=low]').uncheck();
    expect(await advisories()).toEqual(['CVE-2026-1', 'CVE-2026-3']);
    await page.locator('#findings input[name=passing]').uncheck();
    expect(await advisories()).toEqual(['CVE-2026-1']);
  });

  test('sorts by a column, and back', async () => {
    const heading = page.locator('#findings th button', { hasText: 'Package' });
    await heading.click();
    expect((await advisories())[0]).toBe('CVE-2026-2');
    await heading.click();
    expect((await advisories()).at(-1)).toBe('CVE-2026-2');
  });

  test('draws layers as wide as they are large, and tells what made one', async () => {
    const layers = page.locator('#layers .layers button');
    const widths = await layers.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeGreaterThan(4);
    await layers.nth(1).click();
    expect(await page.locator('#layers [role=status]').textContent()).toMatch(
      /^Layer 2, 4\.8 MiB, Dockerfile:3: COPY app/,
    );
  });

  test('tells what is the same on every platform once', async () => {
    const [platform] = sound.platforms as readonly [HtmlReport['platforms'][0]];
    const second = { ...platform, platform: 'linux/arm64', findings: platform.findings.slice(0, 2) };
    await open({ ...sound, platforms: [platform, second] });
    expect(await rows('findings').locator('td:last-child').allTextContents()).toEqual(['all', 'all', 'linux/amd64']);
    expect(await rows('packages').count()).toBe(2);
  });

  test('lists packages with their licences', async () => {
    expect(await rows('packages').first().textContent()).toMatch(/left-pad1\.0\.0npmMIT/);
    expect(await rows('kinds').count()).toBe(2);
  });
});

describe('text from outside in the report', () => {
  test('does not act, whatever it is and wherever it stands', async () => {
    const texts = HOSTILE_NAMES;
    await open({
      ...sound,
      name: texts.join(' '),
      rules: texts.map((why) => ({ rule: 'severity-threshold', outcome: 'fail', why })),
      platforms: [
        {
          ...{ digest: texts[0] ?? '', platform: texts.join(' ') },
          layers: texts.map((text) => ({ digest: text, size: 1, made: text, place: text })),
          packages: texts.map((text) => ({ name: text, version: text, type: text, licenses: [text] })),
          findings: texts.map((text) =>
            finding({ id: text, name: text, place: text, remedy: text, locations: [text], aliases: [text], url: text }),
          ),
        },
      ],
    });
    // Some look alike once their controls are named.
    const count = new Set(texts.map((text) => visible(text.toWellFormed()))).size;
    for (const layer of await page.locator('#layers .layers button').all()) await layer.click({ force: true });
    expect([await rows('findings').count(), await rows('packages').count()]).toEqual([count, count]);
    const inserted = page
      .locator('main')
      .locator('script, img, svg, iframe, style, base, meta, object, embed, form, h3');
    expect(await inserted.count()).toBe(0);
    const links = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links).toEqual(['https://evil.example/']);
    expect(tried).toEqual([]);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'not an address',
  ])('makes no link: %s', async (url) => {
    await open({
      ...sound,
      platforms: [{ ...(sound.platforms[0] as HtmlReport['platforms'][0]), findings: [finding({ url })] }],
    });
    expect(await page.locator('main a').count()).toBe(0);
    expect(await advisories()).toEqual(['CVE-2026-1']);
  });

  test('ten thousand findings are listed and filtered', async () => {
    const [platform] = sound.platforms;
    if (!platform) throw new Error('the fixture has no platform');
    const findings = Array.from({ length: 10_000 }, (_, at) =>
      finding({ id: `CVE-2026-${at}`, name: `package-${at}` }),
    );
    await open({ ...sound, platforms: [{ ...platform, findings }] });
    expect(await page.locator('#findings .count').textContent()).toBe('10000 of 10000, first 1000 shown');
    await page.locator('#findings input[type=search]').fill('package-9999');
    expect(await page.locator('#findings .count').textContent()).toBe('1 of 10000');
  });
});
