import { ALL_SEVERITIES } from '../../severity.ts';
import { capitalised, counted } from '../../text/wording.ts';
import { fixText } from '../findings-table.ts';
import { type Fix, fixesFor } from '../fixes.ts';
import { externalLink, folded, type Html, html, NOTHING } from './markup.ts';
import { FIXABILITY, type FindingRow, type Fixability, fixabilityOf, STATES, type State, stateOf } from './rows.ts';

const FIRST = 12;
const MOST_NAMED = 3;

const STATE_TEXT: Readonly<Record<State, string>> = {
  fails: 'Fails the gate',
  warns: 'Warning: the live image has it',
  reported: 'Reported only',
  suppressed: 'Suppressed',
};
const FIXABILITY_TEXT: Readonly<Record<Fixability, string>> = {
  yes: 'Fix available',
  no: 'No fix yet',
  wont: "Won't be fixed",
};

/** Findings under the change that fixes them, with the filters that the script activates. */
export function findingsView(rows: readonly FindingRow[], platforms: readonly string[], scanned: boolean): Html {
  if (rows.length === 0) {
    const none = scanned ? 'The scanner found no known vulnerability in this image.' : 'This image was not scanned.';
    return section(html`<p>${none}</p>`);
  }
  const sources = [...new Set(rows.map(({ source }) => source))].filter((source) => source !== '').toSorted();
  const isSuppressed = (row: FindingRow) => stateOf(row) === 'suppressed';
  const groups = [rows.filter((row) => !isSuppressed(row)), rows.filter(isSuppressed)].flatMap((some) =>
    fixesFor(some, (row) => stateOf(row) === 'fails'),
  );
  const items = groups.map((group) => groupItem(group, platforms, sources));
  const count = `${counted(rows.length, 'finding')} in ${counted(groups.length, 'change')}`;
  return section(html`${filters(rows, platforms, sources)}
<p id="count" class="muted" role="status" aria-live="polite">${count}</p>
<ul id="groups" class="groups">${folded(
    items,
    FIRST,
    (more, rest) =>
      html`<li class="rest"><details><summary>${counted(more, 'more change')}</summary><ul class="groups">${rest}</ul></details></li>`,
  )}</ul>
<p class="more" hidden><button type="button" id="more">Show more</button></p>`);
}

function section(content: Html): Html {
  return html`<section id="fixes" aria-labelledby="fixes-title">
<h2 id="fixes-title">Findings by fix</h2>
${content}
</section>`;
}

function filters(rows: readonly FindingRow[], platforms: readonly string[], sources: readonly string[]): Html {
  const severities = ALL_SEVERITIES.filter((severity) => rows.some((row) => row.severity === severity));
  const boxes = severities.map((severity) => {
    const count = rows.filter((row) => row.severity === severity).length;
    return html`<label class="box"><input type="checkbox" name="severity" value="${severity}">${chip(severity)} <span class="muted">${count}</span></label>`;
  });
  const states = STATES.filter((state) => rows.some((row) => stateOf(row) === state));
  const fixes = FIXABILITY.filter((fix) => rows.some((row) => fixabilityOf(row) === fix));
  return html`<form id="filter" role="search" aria-label="Filter findings" hidden>
<fieldset><legend>Severity</legend>${boxes}</fieldset>
<div class="fields">
<label class="wide">Search<input type="search" name="q" placeholder="Package, advisory, path" autocomplete="off"></label>
${select(
  'state',
  'Gate',
  states.map((state) => [state, STATE_TEXT[state]]),
)}
${select(
  'fix',
  'Fix',
  fixes.map((fix) => [fix, FIXABILITY_TEXT[fix]]),
)}
${
  platforms.length > 1
    ? select(
        'platform',
        'Platform',
        platforms.map((platform) => [platform, platform]),
      )
    : NOTHING
}
${
  sources.length > 0
    ? select(
        'from',
        'Added by',
        sources.map((source) => [source, source]),
      )
    : NOTHING
}
<label>Sort by<select name="sort"><option value="">Most urgent</option><option value="severity">Severity</option><option value="name">Name</option><option value="count">Most findings</option></select></label>
<button type="reset">Clear filters</button>
</div>
</form>`;
}

function select(name: string, label: string, options: readonly (readonly [value: string, text: string])[]): Html {
  const all = options.map(([value, text]) => html`<option value="${value}">${text}</option>`);
  return html`<label>${label}<select name="${name}"><option value="">All</option>${all}</select></label>`;
}

export function chip(severity: string): Html {
  return html`<span class="chip s-${severity}">${severity}</span>`;
}

function stateTag(state: State): Html {
  const mark = { fails: '✕', warns: '!', reported: '', suppressed: '–' }[state];
  if (mark === '') return NOTHING;
  return html`<span class="tag t-${state}"><span aria-hidden="true">${mark}</span> ${STATE_TEXT[state]}</span>`;
}

function groupItem(group: Fix<FindingRow>, platforms: readonly string[], sources: readonly string[]): Html {
  const { change, findings, place, removes, worst } = group;
  const [first] = findings;
  const state = group.blocking ? 'fails' : first ? stateOf(first) : 'reported';
  const where = place ? html` <code class="where">${`${place.file}:${place.line}`}</code>` : NOTHING;
  const named = removes.advisories.slice(0, MOST_NAMED).map(({ id, title }) => (title ? `${id}: ${title}` : id));
  const more = removes.advisories.length - named.length;
  return html`<li class="group"><details>
<summary>${chip(worst)}<span class="what"><span class="title">${capitalised(change)}</span>${where}<span class="named">${named.join(' · ')}${more > 0 ? ` and ${more} more` : ''}</span></span><span class="side">${stateTag(state)}<span class="muted">${counted(findings.length, 'finding')}</span></span></summary>
<ul class="findings">${findings.map((row) => findingItem(row, platforms, sources))}</ul>
</details></li>
`;
}

function findingItem(row: FindingRow, platforms: readonly string[], sources: readonly string[]): Html {
  const { aliases, cvss, declaredIn, locations, source, title } = row;
  const { name, type, version } = row.package;
  const [state, fixable] = [stateOf(row), fixabilityOf(row)];
  const on = row.platforms.map((platform) => platforms.indexOf(platform)).join(' ');
  const fixed = fixText(row) || FIXABILITY_TEXT[fixable];
  const facts = [
    html`<span>${name} ${version} <span class="muted">${type}</span></span>`,
    html`<span><span class="muted">Fix:</span> ${fixed}</span>`,
    cvss ? html`<span><span class="muted">CVSS ${cvss.version}:</span> ${cvss.score.toFixed(1)}</span>` : NOTHING,
    row.knownExploited ? html`<span class="tag t-fails">Known to be exploited</span>` : NOTHING,
    declaredIn
      ? html`<code>${declaredIn.line ? `${declaredIn.file}:${declaredIn.line}` : declaredIn.file}</code>`
      : NOTHING,
    source === '' ? NOTHING : html`<code>${source}</code>`,
    locations[0] === undefined ? NOTHING : html`<code>${locations[0]}</code>`,
    platforms.length < 2
      ? NOTHING
      : html`<span>${row.platforms.length === platforms.length ? 'all platforms' : row.platforms.join(', ')}</span>`,
  ];
  return html`<li data-s="${row.severity}" data-g="${state}" data-f="${fixable}" data-p="${on}" data-l="${sources.indexOf(source)}">
<div class="head">${chip(row.severity)}<strong>${externalLink(row.id, row.url)}</strong>${title ? html`<span>${title}</span>` : NOTHING}${
    aliases.length > 0 ? html`<span class="muted">${aliases.slice(0, MOST_NAMED).join(', ')}</span>` : NOTHING
  }${stateTag(state)}</div>
<div class="facts">${facts}</div>${remark(row)}</li>
`;
}

function remark(row: FindingRow): Html {
  if (row.suppressed !== undefined) return html`<div class="remark">Suppressed: ${row.suppressed}</div>`;
  const live = row.alreadyLive === undefined ? '' : `Warning only: ${row.alreadyLive} already has it. `;
  const text = `${live}${row.remedy ?? ''}`;
  return text === '' ? NOTHING : html`<div class="remark">${text}</div>`;
}
