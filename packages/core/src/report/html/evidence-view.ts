import { formatBytes } from '../../text/terminal.ts';
import { counted } from '../../text/wording.ts';
import type { ImageChanges, LiveChanges } from '../changes.ts';
import { countsText } from '../findings-table.ts';
import type { SummaryFacts } from '../summary/facts.ts';
import { externalLink, folded, type Html, html, longText, NOTHING } from './markup.ts';
import type { HtmlReport } from './reported.ts';

const FIRST = 20;

/** The evidence of the verdict, the location of the image, and the commands that verify it. */
export function evidenceView({ platforms }: HtmlReport, facts: SummaryFacts | undefined): Html {
  const { references = [], tags = [], verifyCommands = [] } = facts ?? {};
  const [reference] = references;
  const rows = platforms.map(({ digest, platform }) => {
    const scan = facts?.platforms?.find((one) => one.platform === platform)?.scan;
    const built = scan?.database.built;
    const day = built && Number.isFinite(built.getTime()) ? built.toISOString().slice(0, 10) : 'an unknown date';
    const by = scan ? `${scan.scanner.name} ${scan.scanner.version}, database of ${day}` : 'not scanned';
    return html`<dt>${platform}</dt><dd><code>${digest}</code> <span class="muted">${by}</span></dd>
`;
  });
  const tagRows = tags.map(
    ({
      outcome,
      reason = '',
      tag,
    }) => html`<tr><th scope="row"><code>${tag}</code></th><td>${outcome}</td><td>${reason}</td></tr>
`,
  );
  return html`<section id="evidence" aria-labelledby="evidence-title">
<h2 id="evidence-title">Evidence</h2>
${reference === undefined ? NOTHING : html`<h3>Pull</h3>${code([`docker pull ${reference}`])}`}
${verifyCommands.length === 0 ? NOTHING : html`<h3>Verify</h3>${code(verifyCommands)}`}
${
  tagRows.length === 0
    ? NOTHING
    : html`<table><caption>Tags</caption><thead><tr><th scope="col">Tag</th><th scope="col">Result</th><th scope="col">Why</th></tr></thead><tbody>${tagRows}</tbody></table>`
}
<h3>Manifests and scans</h3><dl>${rows}</dl>
</section>`;
}

function code(commands: readonly string[]): Html {
  const lines = commands.flatMap((command) => command.split('\n'));
  return html`<div class="code-box"><pre class="code" tabindex="0">${lines.map((line, at) => html`${at === 0 ? '' : NEW_LINE}${longText(line)}`)}</pre></div>`;
}

const NEW_LINE = html`
`;

/** Differences from the live tags. */
export function changesView(changes: readonly LiveChanges[]): Html {
  if (changes.length === 0) return NOTHING;
  return html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">Changes from the live image</h2>
${changes.map((one, at) => changeItem(one, at === 0))}
</section>`;
}

function changeItem({ changes, digest, platform, tag }: LiveChanges, open: boolean): Html {
  const { added, goneFindings, moved, newFindings, removed, size } = changes;
  const lines = [
    `Packages: ${added.length} added, ${removed.length} removed, ${moved.length} changed.`,
    newFindings && goneFindings
      ? `Findings: ${newFindings.length} new (${countsText(newFindings)}), ${goneFindings.length} gone (${countsText(goneFindings)}).`
      : 'Findings: unknown, because one of the two was not scanned.',
    ...(size ? [`Size: ${sizeText(size)}.`] : []),
  ];
  return html`<details${open ? html` open` : NOTHING}><summary><code>${tag}</code> on ${platform}</summary>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
${findingList('New findings', newFindings)}${findingList('Findings that are gone', goneFindings)}${packageTable(changes)}
<p class="muted">The live image is <code>${digest}</code>. Its evidence was read without verifying signatures.</p></details>
`;
}

function sizeText({ from, to }: NonNullable<ImageChanges['size']>): string {
  if (from === to) return `${formatBytes(to)}, unchanged`;
  return `${formatBytes(to)}, ${formatBytes(Math.abs(to - from))} ${to > from ? 'more' : 'less'}`;
}

function findingList(label: string, findings: ImageChanges['newFindings'] = []): Html {
  if (findings.length === 0) return NOTHING;
  const items = findings.map(
    ({
      id,
      package: { name, version },
      severity,
      url,
    }) => html`<li>${severity} ${externalLink(id, url)} in ${name} ${version}</li>
`,
  );
  return html`<details><summary>${label}: ${findings.length}</summary><ul>${items}</ul></details>`;
}

function packageTable({ added, moved, removed }: ImageChanges): Html {
  const rows = [...moved, ...added, ...removed].map(
    ({
      from,
      name,
      to,
      type,
    }) => html`<tr><td>${name} <span class="muted">${type}</span></td><td>${from.join(', ')}</td><td>${to.join(', ')}</td></tr>
`,
  );
  if (rows.length === 0) return NOTHING;
  const table = (content: readonly Html[], caption: string) =>
    html`<table><caption class="unseen">${caption}</caption><thead><tr><th scope="col">Package</th><th scope="col">Live</th><th scope="col">This image</th></tr></thead><tbody>${content}</tbody></table>`;
  return html`<details><summary>Changed packages: ${rows.length}</summary>${table(rows.slice(0, FIRST), 'Changed packages')}${folded(
    rows.slice(FIRST),
    0,
    (more, rest) =>
      html`<details><summary>${counted(more, 'more package')}</summary>${table(rest, 'More changed packages')}</details>`,
  )}</details>`;
}
