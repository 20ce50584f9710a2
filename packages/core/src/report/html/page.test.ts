import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { finding } from '../../gate/sound.fixture.ts';
import { type HtmlReport, reportHtml } from './page.ts';

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

describe('text from outside', () => {
  test.each([
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '<img src=x onerror=alert(1)>',
    '\u2028\u2029',
    '\u202egnp.exe',
    '\u0000',
    '\ud800',
  ])('stays inside the JSON: %j', (name) => {
    const html = reportHtml(report(name));
    const [, json = ''] = /<script type="application\/json" id="facts">([^<]*)<\/script>\n<script>/.exec(html) ?? [];
    expect(JSON.parse(json).platforms[0].packages[0].version).toBe('1');
    expect(json).not.toMatch(/[<>&\u2028\u2029\u202e]/);
    expect(inlined(html, 'script')).toHaveLength(1);
  });
});
