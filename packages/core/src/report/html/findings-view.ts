import { ALL_SEVERITIES } from '../../severity.ts';
import { counted } from '../../text/wording.ts';
import { fixText } from '../findings-table.ts';
import type { FixGroup } from './groups.ts';
import { externalLink, folded, type Html, html, NOTHING } from './markup.ts';
import { FIXABILITY, type FindingRow, type Fixability, fixabilityOf, STATES, type State, stateOf } from './rows.ts';

const FIRST = 15;

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
export function findingsView(groups: readonly FixGroup[], platforms: readonly string[], scanned: boolean): Html {
  const rows = groups.flatMap((group) => group.rows);
  if (rows.length === 0) {
    const none = scanned ? 'The scanner found no known vulnerability in this image.' : 'This image was not scanned.';
    return section(html`<p>${none}</p>`);
  }
  const sources = [...new Set(rows.map(({ source }) => source))].filter((source) => source !== '').toSorted();
  const items = groups.map((group) => groupItem(group, platforms, sources));
  const count = `${counted(rows.length, 'finding')} in ${counted(groups.length, 'group')}`;
  return section(html`${filters(rows, platforms, sources)}
<p id="count" class="muted" role="status" aria-live="polite">${count}</p>
<ul id="groups" class="groups">${folded(
    items,
    FIRST,
    (more, rest) =>
      html`<li class="rest"><details><summary>${counted(more, 'more group')}</summary><ul class="groups">${rest}</ul></details></li>`,
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

function groupItem(group: FixGroup, platforms: readonly string[], sources: readonly string[]): Html {
  const { rows, state, title, where, worst } = group;
  const others = rows.filter((row) => stateOf(row) === state).length < rows.length ? ' some' : '';
  return html`<li class="group${others}"><details>
<summary>${chip(worst)}<span class="what"><span class="title">${title}</span>${
    where === '' ? NOTHING : html` <code class="where">${where}</code>`
  }</span><span class="side">${stateTag(state)}<span class="muted">${counted(rows.length, 'finding')}</span></span></summary>
<ul class="findings">${rows.map((row) => findingItem(row, platforms, sources))}</ul>
</details></li>
`;
}

function findingItem(row: FindingRow, platforms: readonly string[], sources: readonly string[]): Html {
  const {
    aliases,
    fixedIn,
    locations,
    package: { name, type, version },
  } = row;
  const state = stateOf(row);
  const on = row.platforms.map((platform) => platforms.indexOf(platform)).join(' ');
  const fixed = fixText(row) || (fixedIn.length === 0 ? FIXABILITY_TEXT[fixabilityOf(row)] : '');
  const facts = [
    html`<span>${name} ${version} <span class="muted">${type}</span></span>`,
    html`<span><span class="muted">Fixed in</span> ${fixed}</span>`,
    ...(row.source === '' ? [] : [html`<code>${row.source}</code>`]),
    ...(locations[0] === undefined ? [] : [html`<code>${locations[0]}</code>`]),
    ...(platforms.length < 2
      ? []
      : [html`<span>${row.platforms.length === platforms.length ? 'all platforms' : row.platforms.join(', ')}</span>`]),
    ...(row.knownExploited ? [html`<span class="tag t-fails">Known to be exploited</span>`] : []),
  ];
  return html`<li data-s="${row.severity}" data-g="${state}" data-f="${fixabilityOf(row)}" data-p="${on}" data-l="${sources.indexOf(row.source)}">
<div class="head">${chip(row.severity)}<strong>${externalLink(row.id, row.url)}</strong>${
    aliases.length > 0 ? html`<span class="muted">${aliases.slice(0, 3).join(', ')}</span>` : NOTHING
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
