import type { RuleResult } from '../../policy.ts';
import { ALL_SEVERITIES } from '../../severity.ts';
import { formatBytes } from '../../text/terminal.ts';
import { counted } from '../../text/wording.ts';
import { NEXT_STEP } from '../next-step.ts';
import type { SummaryFacts } from '../summary/facts.ts';
import { chip } from './findings-view.ts';
import { folded, type Html, html, longText, NOTHING, withCode } from './markup.ts';
import type { HtmlReport } from './reported.ts';
import { type FindingRow, fixabilityOf, stateOf } from './rows.ts';

const FIRST_FAILURES = 5;

/** The verdict, the image, and its counts. */
export function headerView(
  report: HtmlReport,
  facts: SummaryFacts | undefined,
  rows: readonly FindingRow[],
  packages: number,
): Html {
  const { kind, mark, text } = verdictOf(report, facts);
  const decided = facts?.verdict?.decidedOn;
  const date = decided && Number.isFinite(decided.getTime()) ? decided.toISOString() : undefined;
  const when = date === undefined ? NOTHING : html` <time datetime="${date}">${minute(date)}</time>`;
  const why = facts?.publication && report.passed !== false ? html`<p>${facts.publication.why}</p>` : NOTHING;
  return html`<header>
<p class="brand">Tidegate report</p>
<h1>${report.name}</h1>
<p class="line"><strong id="verdict" class="verdict v-${kind}"><span aria-hidden="true">${mark}</span> ${text}</strong></p>
${why}<p class="muted line"><span>Digest</span> <code>${report.digest}</code>${when}</p>
${tiles(report, rows, packages)}
</header>`;
}

function verdictOf({ passed }: HtmlReport, facts: SummaryFacts | undefined) {
  if (passed === undefined) return { kind: 'none', mark: '–', text: 'No verdict' };
  if (!passed) {
    const text = facts?.rescan ? 'Published, but no longer passes the gate' : 'Not published: the gate failed';
    return { kind: 'fail', mark: '✕', text };
  }
  const published = facts?.rescan !== undefined || facts?.publication?.published === true;
  return { kind: 'pass', mark: '✓', text: published ? 'Published: the gate passed' : 'The gate passed' };
}

/** `2026-11-29 01:04 UTC`. */
function minute(date: string): string {
  return `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
}

function tiles(report: HtmlReport, rows: readonly FindingRow[], packages: number): Html {
  const counting = rows.filter((row) => stateOf(row) !== 'suppressed');
  const suppressed = rows.length - counting.length;
  const severities = ALL_SEVERITIES.flatMap((severity, at) => {
    const count = counting.filter((row) => row.severity === severity).length;
    // The first three always: a zero there is good news.
    if (count === 0 && at > 2) return [];
    return [tile(chip(severity), String(count), count > 0 ? `#severity=${severity}` : undefined)];
  });
  const failing = counting.filter((row) => stateOf(row) === 'fails').length;
  const fixable = counting.filter((row) => fixabilityOf(row) === 'yes').length;
  const sizes = report.platforms.map(({ layers }) => layers.reduce((sum, { size }) => sum + size, 0));
  const largest = Math.max(0, ...sizes);
  const layers = Math.max(0, ...report.platforms.map((one) => one.layers.length));
  return html`<ul class="tiles" aria-label="Counts">
${tile(html`Fail the gate`, String(failing), failing > 0 ? '#state=fails' : undefined)}
${severities}
${tile(html`Fix available`, String(fixable), fixable > 0 ? '#fix=yes' : undefined)}
${suppressed > 0 ? tile(html`Suppressed`, String(suppressed), '#state=suppressed') : NOTHING}
${tile(html`Packages`, String(packages), '#packages')}
${tile(html`Compressed`, formatBytes(largest), '#layers')}
${tile(html`Layers`, String(layers), '#layers')}
${report.platforms.length > 1 ? tile(html`Platforms`, String(report.platforms.length), '#layers') : NOTHING}
</ul>`;
}

function tile(label: Html, value: string, target: string | undefined): Html {
  const content = html`<span class="value">${value}</span> <span class="label">${label}</span>`;
  return target === undefined
    ? html`<li><span class="tile">${content}</span></li>
`
    : html`<li><a class="tile" href="${target}">${content}</a></li>
`;
}

/** Every rule; the failed ones with the next step. */
export function gateView(rules: readonly RuleResult[]): Html {
  if (rules.length === 0) return NOTHING;
  const of = (outcome: RuleResult['outcome']) => rules.filter((rule) => rule.outcome === outcome);
  const failed = of('fail').map(failure);
  return html`<section id="gate" aria-labelledby="gate-title">
<h2 id="gate-title">Gate</h2>
${
  failed.length === 0
    ? NOTHING
    : html`<ul id="failed" class="failed">${folded(
        failed,
        FIRST_FAILURES,
        (more, rest) =>
          html`<li><details><summary>${counted(more, 'more failure')}</summary><ul class="failed">${rest}</ul></details></li>`,
      )}</ul>`
}
${others(of('pass'), '✓', 'passed')}
${others(of('not-applicable'), '–', 'not applicable')}
</section>`;
}

function failure({ rule, why }: RuleResult): Html {
  return html`<li><strong class="bad"><span aria-hidden="true">✕</span> ${rule}</strong> <span class="why">${longText(why)}</span> <span class="next">${withCode(NEXT_STEP[rule])}</span></li>
`;
}

function others(rules: readonly RuleResult[], mark: string, what: string): Html {
  if (rules.length === 0) return NOTHING;
  const rows = rules.map(
    ({
      rule,
      why,
    }) => html`<tr><th scope="row"><span aria-hidden="true">${mark}</span> ${rule}</th><td>${longText(why)}</td></tr>
`,
  );
  return html`<details><summary>${counted(rules.length, 'rule')} ${what}</summary>
<table><caption class="unseen">Rules, ${what}</caption><thead><tr><th scope="col">Rule</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table></details>
`;
}
