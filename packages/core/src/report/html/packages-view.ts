import { counted } from '../../text/wording.ts';
import { folded, type Html, html, NOTHING } from './markup.ts';
import type { PackageRow } from './rows.ts';

const FIRST = 10;
const MOST_COUNTED = 12;

export function packagesView(rows: readonly PackageRow[], platforms: readonly string[]): Html {
  if (rows.length === 0) return NOTHING;
  const several = platforms.length > 1;
  const items = rows.map((row) => packageItem(row, several, platforms.length));
  const table = (content: readonly Html[], caption: string) => html`<table>
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Licences</th><th scope="col">Added by</th>${several ? html`<th scope="col">Platforms</th>` : NOTHING}</tr></thead>
<tbody>${content}</tbody></table>`;
  return html`<section id="packages" aria-labelledby="packages-title">
<h2 id="packages-title">Packages and licences</h2>
${counts(
  'By type',
  rows.map(({ type }) => type),
)}
${counts(
  'By licence',
  rows.flatMap(({ licenses }) => (licenses.length === 0 ? ['none stated'] : licenses)),
)}
<form id="package-filter" role="search" aria-label="Filter packages" hidden><div class="fields"><label class="wide">Search<input type="search" name="q" placeholder="Name, version, type, licence" autocomplete="off"></label></div></form>
<p id="package-count" class="muted" role="status" aria-live="polite">${counted(rows.length, 'package')}</p>
<div id="package-list">${table(items.slice(0, FIRST), 'Packages')}${
    items.length > FIRST
      ? html`<details class="rest"><summary>${counted(items.length - FIRST, 'more package')}</summary>${table(items.slice(FIRST), 'More packages')}</details>`
      : NOTHING
  }</div>
<p class="more" hidden><button type="button" id="more-packages">Show more</button></p>
</section>`;
}

function packageItem(
  { licenses, name, platforms, source, type, version }: PackageRow,
  several: boolean,
  all: number,
): Html {
  const on = platforms.length === all ? 'all' : platforms.join(', ');
  return html`<tr><td>${name} <span class="muted">${type}</span></td><td>${version}</td><td>${licenses.join(', ')}</td><td>${source === '' ? NOTHING : html`<code>${source}</code>`}</td>${several ? html`<td>${on}</td>` : NOTHING}</tr>
`;
}

/** `MIT 120`, the most frequent first. */
function counts(label: string, values: readonly string[]): Html {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  const sorted = [...found].toSorted(([, a], [, b]) => b - a);
  const items = sorted.map(
    ([value, count]) => html`<li><span>${value}</span> <strong>${count}</strong></li>
`,
  );
  return html`<div class="counts"><h3>${label}</h3><ul>${folded(
    items,
    MOST_COUNTED,
    (more, rest) => html`<li class="rest"><details><summary>${more} more</summary><ul>${rest}</ul></details></li>`,
  )}</ul></div>`;
}
