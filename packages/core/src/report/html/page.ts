import { createHash } from 'node:crypto';
import type { Component, Finding } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { visible } from '../../text/terminal.ts';
import { fixText } from '../findings-table.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** A layer of one platform, the lowest first. */
export interface ReportedLayer {
  readonly digest: string;
  /** Bytes as a registry holds them. */
  readonly size: number;
  /** The instruction or base image that made it, where that is known. */
  readonly made?: string;
  /** `Dockerfile:12`. */
  readonly place?: string;
}

export interface ReportedFinding extends Finding {
  readonly blocking: boolean;
  /** `Dockerfile:12`. */
  readonly place?: string;
  /** What mends it, a sentence. */
  readonly remedy?: string;
  /** What suppressed it: an ignore entry or a VEX statement. */
  readonly suppressed?: string;
  /** It would shut the gate, and the live image has it already: `ghcr.io/acme/app:latest`. */
  readonly alreadyLive?: string;
}

export interface ReportedPlatform {
  readonly platform: string;
  /** Of its manifest. */
  readonly digest: string;
  readonly layers: readonly ReportedLayer[];
  readonly packages: readonly Component[];
  readonly findings: readonly ReportedFinding[];
}

export interface HtmlReport {
  readonly name: string;
  readonly digest: string;
  readonly passed?: boolean;
  readonly rules: readonly RuleResult[];
  readonly platforms: readonly ReportedPlatform[];
}

/**
 * One page that needs nothing but itself: it opens from a disk or an artifact, without a network. What it shows lies in
 * it as JSON and is put on the page as text, never as HTML; its policy (CSP level 3) lets nothing run but the one script
 * whose hash it names, and lets nothing be fetched or sent.
 */
export function reportHtml(report: HtmlReport): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(SCRIPT)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Tidegate report</title>
<style>${STYLE}</style>
</head>
<body>
<noscript>This report is shown by a script that it carries itself. Scripts are switched off here.</noscript>
<main id="report"></main>
<script type="application/json" id="facts">${jsonForHtml(report)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/**
 * JSON inside a script element ends at the first `</script`, and `<!--` changes how the rest is read (HTML, 4.12.1.3):
 * no angle bracket is left. Controls and marks that turn text round are named, as in the log.
 */
function jsonForHtml(report: HtmlReport): string {
  const platforms = report.platforms.map((one) => ({
    ...one,
    findings: one.findings.map((finding) => ({ ...finding, fixText: fixText(finding) })),
  }));
  const text = JSON.stringify({ ...report, platforms }, (_, value) =>
    typeof value === 'string' ? visible(value.toWellFormed()) : value,
  );
  return text.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
