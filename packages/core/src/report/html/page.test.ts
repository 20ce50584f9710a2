import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { finding } from '../../gate/sound.fixture.ts';
import { largeReport } from './large.fixture.ts';
import { reportHtml } from './page.ts';
import type { HtmlReport } from './reported.ts';

const report = (name: string): HtmlReport => ({
  name,
  digest: `sha256:${'a'.repeat(64)}`,
  passed: false,
  rules: [{ rule: 'severity-threshold', outcome: 'fail', why: name }],
  platforms: [
    {
      platform: 'linux/amd64',
      digest: 'sha256:y',
      layers: [{ digest: 'sha256:x', size: 3 }],
      packages: [{ name, version: '1', type: 'npm', licenses: [] }],
      findings: [{ ...finding({ package: { name, version: '1', type: 'npm' } }), blocking: true }],
    },
  ],
});
const inlined = (html: string, tag: string) => [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))];

describe('the page', () => {
  const html = reportHtml(report('ghcr.io/acme/app'));

  test('lets nothing run but its own script, and fetches and sends nothing', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [script, style] = ['script', 'style'].map((tag) => inlined(html, tag)[0]?.[1] ?? '');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(script ?? '')}`,
      `style-src ${hash(style ?? '')}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test('names no other file and no host', () => {
    expect(html).not.toMatch(/<(link|img|iframe|object|embed)\b|src=|[:\s]url\(|@import/);
  });
});

/** Every tag with the names of its attributes. */
const structure = (html: string) => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, ''));

describe('text from outside', () => {
  const harmless = structure(reportHtml(report('x')));
  test.each([
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '<img src=x onerror=alert(1)>',
    '" onclick="alert(1)',
    "' onclick='alert(1)",
    '`',
    '&lt;script&gt;',
    '\u2028\u2029',
    '\u202egnp.exe',
    '\u0000',
    '\ud800',
  ])('changes no tag and no attribute: %j', (name) => {
    const html = reportHtml(report(name));
    expect(structure(html)).toEqual(harmless);
    expect(inlined(html, 'script')).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(html).not.toMatch(/[\u0000-\u0008\u2028\u2029\u202e\ud800-\udfff]/);
  });

  test('is shown as it was written', () => {
    expect(reportHtml(report('a & <b>'))).toContain('<h1>a &amp; &lt;b&gt;</h1>');
  });

  test('is bounded: a name of a megabyte does not make the page large', () => {
    expect(reportHtml(report('x'.repeat(1_000_000))).length).toBeLessThan(60_000);
  });
});

test('sections without data are left out, with their links', () => {
  const html = reportHtml({ name: 'app', digest: 'sha256:x', rules: [], platforms: [] });
  expect([...html.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)).toEqual(['fixes', 'evidence']);
  expect([...html.matchAll(/<li><a href="#(\w+)"/g)].map(([, id]) => id)).toEqual(['fixes', 'evidence']);
  expect(html).toContain('No verdict');
});

test('waste is attributed to the instruction that deletes or overwrites it', () => {
  const html = reportHtml(...largeReport(20));
  expect(html).toContain('26 MiB deleted or overwritten by Dockerfile:9');
});
