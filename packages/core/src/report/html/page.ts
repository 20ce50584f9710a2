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
  /** Compressed bytes, as in a registry. */
  readonly size: number;
  /** The instruction or base image that created it, if known. */
  readonly made?: string;
  /** `Dockerfile:12`. */
  readonly place?: string | undefined;
}

export interface ReportedFinding extends Finding {
  readonly blocking: boolean;
  /** `Dockerfile:12`. */
  readonly place?: string;
  /** The fix, as a sentence. */
  readonly remedy?: string;
  /** The source of the suppression: an ignore entry or a VEX statement. */
  readonly suppressed?: string | undefined;
  /** It would fail the gate, but this live image already has it: `ghcr.io/acme/app:latest`. */
  readonly alreadyLive?: string;
}

export interface ReportedPlatform {
  readonly platform: string;
  /** Digest of its manifest. */
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
 * One self-contained page: it opens from a disk or an artifact, without a network. Its data is embedded as JSON and
 * shown as text, never as HTML; its policy (CSP level 3) allows only the one script whose hash it names, and no
 * requests.
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
<noscript>This report needs its embedded script, but scripts are disabled in this browser.</noscript>
<main id="report"></main>
<script type="application/json" id="facts">${jsonForHtml(report)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/**
 * JSON inside a script element ends at the first `</script`, and `<!--` changes how the rest is read (HTML, 4.12.1.3):
 * no angle bracket is left. Control characters and bidirectional marks are escaped, as in the log.
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
