import { createHash } from 'node:crypto';
import type { SummaryFacts } from '../summary/facts.ts';
import { changesView, evidenceView } from './evidence-view.ts';
import { findingsView } from './findings-view.ts';
import { gateView, headerView } from './header-view.ts';
import { layersView } from './layers-view.ts';
import { type Html, html, NOTHING } from './markup.ts';
import { packagesView } from './packages-view.ts';
import type { HtmlReport } from './reported.ts';
import { findingRows, packageRows } from './rows.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
/**
 * One self-contained page: it opens from a disk or an artifact, without a network, and reads without its script, which
 * only filters, sorts and pages. Text from outside is escaped by `html`; besides, the page's policy (CSP level 3) allows
 * only the one script and the one style whose hashes it names, and no requests.
 * @param facts of the job summary: causes of layers, publication, changes. Without them their sections are left out.
 */
export function reportHtml(report: HtmlReport, facts?: SummaryFacts): string {
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
<meta name="color-scheme" content="light dark">
${html`<title>Tidegate: ${report.name}</title>`.text}
<style>${STYLE}</style>
</head>
<body>
${body(report, facts).text}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function body(report: HtmlReport, facts: SummaryFacts | undefined): Html {
  const platforms = [...new Set(report.platforms.map(({ platform }) => platform))];
  const rows = findingRows(report, facts);
  const packages = packageRows(report, facts);
  const sections = [
    gateView(report.rules),
    findingsView(rows, platforms, report.platforms.length > 0),
    layersView(report, facts),
    packagesView(packages, platforms),
    evidenceView(report, facts),
    changesView(facts?.changes ?? []),
  ];
  const links = SECTIONS.filter(([id]) => sections.some(({ text }) => text.startsWith(`<section id="${id}"`)));
  return html`<a class="skip" href="#fixes">Skip to the findings</a>
${headerView(report, facts, rows, packages.length)}
${links.length === 0 ? NOTHING : html`<nav aria-label="Sections"><ul>${links.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`}
<main id="report">
${sections}
</main>
<footer class="muted"><p>Made by Tidegate. This page works offline and sends nothing.</p></footer>`;
}

const SECTIONS = [
  ['gate', 'Gate'],
  ['fixes', 'Findings'],
  ['layers', 'Layers'],
  ['packages', 'Packages'],
  ['evidence', 'Evidence'],
  ['changes', 'Changes'],
] as const;

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
