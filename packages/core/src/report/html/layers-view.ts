import { packageKey } from '../../cause/cause.ts';
import type { LayerFacts } from '../../contents/image-contents.ts';
import { formatBytes } from '../../text/terminal.ts';
import { counted } from '../../text/wording.ts';
import type { SummaryFacts } from '../summary/facts.ts';
import { folded, type Html, html, NOTHING } from './markup.ts';
import type { HtmlReport, ReportedLayer, ReportedPlatform } from './reported.ts';

const FIRST = 12;
/** Below this, waste is noise: a changed file of settings. */
const LEAST_WASTE = 64 * 1024;
const COLOURS = 6;
const WIDTH = 1000;

/** Layers of every platform as bars, with what each brought in and what of it is wasted. */
export function layersView({ platforms }: HtmlReport, facts: SummaryFacts | undefined): Html {
  if (platforms.every(({ layers }) => layers.length === 0)) return NOTHING;
  return html`<section id="layers" aria-labelledby="layers-title">
<h2 id="layers-title">Layers</h2>
${platforms.map((platform, at) => platformView(platform, facts, at === 0))}
</section>`;
}

function platformView(platform: ReportedPlatform, facts: SummaryFacts | undefined, open: boolean): Html {
  const { layers } = platform;
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  const known = facts?.platforms?.find((one) => one.platform === platform.platform);
  const read = known?.contents?.layers ?? [];
  const wasted = read.reduce((sum, layer) => sum + wasteOf(layer), 0);
  const brought = broughtBy(platform, known?.causes);
  const items = layers.map((layer, at): Item => ({ layer, at, facts: read[at], brought: brought(at) }));
  const runs = runsOf(items);
  const largest = Math.max(1, ...runs.map(sizeOf));
  const rows = runs.map((run) => runItem(run, largest, layers));
  const summary = `${platform.platform}: ${counted(layers.length, 'layer')}, ${formatBytes(total)} compressed`;
  const waste = wasted >= LEAST_WASTE ? `, ${formatBytes(wasted)} unpacked wasted` : '';
  return html`<details class="platform"${open ? html` open` : NOTHING}><summary>${summary}${waste}</summary>
${stack(layers, total, summary)}
<ol class="layers">${folded(
    rows,
    FIRST,
    (more, rest) =>
      html`<li class="rest"><details><summary>${counted(more, 'more layer')}</summary><ol class="layers">${rest}</ol></details></li>`,
  )}</ol></details>
`;
}

/** All layers in one bar, each as wide as it is large. */
function stack(layers: readonly ReportedLayer[], total: number, label: string): Html {
  let from = 0;
  const parts = layers.map((layer, at) => {
    const width = (WIDTH * layer.size) / Math.max(total, 1);
    const rect = html`<rect class="${colourOf(layer, at)}" x="${from.toFixed(2)}" width="${width.toFixed(2)}" height="24"><title>${nameOf(layer, at)}</title></rect>`;
    from += width;
    return rect;
  });
  return html`<svg class="stack" viewBox="0 0 ${WIDTH} 24" preserveAspectRatio="none" role="img" aria-label="${label}">${parts}</svg>`;
}

function nameOf({ made = '', place, size }: ReportedLayer, at: number): string {
  return `Layer ${at + 1}, ${formatBytes(size)}${place === undefined ? '' : `, ${place}`}${made === '' ? '' : `: ${made}`}`;
}

interface Item {
  readonly layer: ReportedLayer;
  readonly at: number;
  readonly facts: LayerFacts | undefined;
  readonly brought: Brought;
}

type Run = readonly [Item, ...Item[]];

/** Layers of one base image are one row: a developer changes all of them at once. */
function runsOf(items: readonly Item[]): readonly Run[] {
  const runs: [Item, ...Item[]][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    const same =
      isBase(item.layer) && last?.[0].layer.made === item.layer.made && last?.[0].layer.place === item.layer.place;
    if (last && same) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

function isBase({ made = '' }: ReportedLayer): boolean {
  return made.startsWith('base image ');
}

function sizeOf(run: Run): number {
  return run.reduce((sum, { layer }) => sum + layer.size, 0);
}

function runItem(run: Run, largest: number, layers: readonly ReportedLayer[]): Html {
  const [{ at }] = run;
  if (run.length === 1) return layerItem(run, largest, layers);
  const parts = run.map((one) => layerItem([one], Math.max(1, ...run.map((each) => each.layer.size)), layers));
  const more = html`<details class="parts"><summary>Layers ${at + 1} to ${at + run.length}</summary><ol class="layers">${parts}</ol></details>`;
  return layerItem(run, largest, layers, more);
}

function layerItem(run: Run, largest: number, layers: readonly ReportedLayer[], more = NOTHING): Html {
  const [{ at, facts, layer }] = run;
  const sum = (of: (item: Item) => number) => run.reduce((total, item) => total + of(item), 0);
  const size = sizeOf(run);
  const width = (100 * size) / largest;
  const unpacked = sum((item) => item.facts?.unpacked ?? 0);
  const waste = sum((item) => (item.facts ? wasteOf(item.facts) : 0));
  const lost = unpacked > 0 ? width * Math.min(1, waste / unpacked) : 0;
  const source = layer.place ?? `Layer ${at + 1}`;
  const [packages, findings] = [sum(({ brought }) => brought.packages), sum(({ brought }) => brought.findings)];
  const parts = [
    facts
      ? html`<span>${formatBytes(unpacked)} unpacked, ${counted(
          sum((item) => item.facts?.entries ?? 0),
          'file',
        )}</span>`
      : NOTHING,
    packages > 0 ? html`<span>${counted(packages, 'package')}</span>` : NOTHING,
    findings > 0
      ? html`<a href="#from=${encodeURIComponent(source.toWellFormed())}">${counted(findings, 'finding')}</a>`
      : NOTHING,
  ];
  const number = run.length === 1 ? `${at + 1}` : `${at + 1}–${at + run.length}`;
  const wasted =
    waste >= LEAST_WASTE
      ? wasteText(
          run.flatMap((item) => item.facts?.wasted ?? []),
          layers,
        )
      : NOTHING;
  return html`<li><div class="head"><span class="number" aria-hidden="true">${number}</span><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="${colourOf(layer, at)}" width="${width.toFixed(1)}" height="8"/><rect class="lost" x="${(width - lost).toFixed(1)}" width="${lost.toFixed(1)}" height="8"/></svg><strong class="size">${formatBytes(size)}</strong></div>
<div class="facts">${layer.place === undefined ? NOTHING : html`<code>${layer.place}</code>`}${parts}</div>
<div class="made">${layer.made ?? facts?.createdBy ?? layer.digest}</div>
${wasted}${more}</li>
`;
}

/** The base image has a colour of its own. */
function colourOf(layer: ReportedLayer, at: number): string {
  return `c${isBase(layer) ? 0 : 1 + (at % (COLOURS - 1))}`;
}

function wasteOf({ wasted = [] }: LayerFacts): number {
  return wasted.reduce((sum, { bytes }) => sum + bytes, 0);
}

function wasteText(wasted: NonNullable<LayerFacts['wasted']>, layers: readonly ReportedLayer[]): Html {
  const places = new Map<string, number>();
  for (const { by, bytes } of wasted) {
    const place = layers[by]?.place ?? `layer ${by + 1}`;
    places.set(place, (places.get(place) ?? 0) + bytes);
  }
  const texts = [...places]
    .filter(([, bytes]) => bytes >= LEAST_WASTE)
    .map(([place, bytes]) => `${formatBytes(bytes)} deleted or overwritten by ${place}`);
  return texts.length === 0 ? NOTHING : html`<div class="waste"><strong>Waste:</strong> ${texts.join('; ')}</div>`;
}

interface Brought {
  readonly packages: number;
  readonly findings: number;
}

type Causes = NonNullable<NonNullable<SummaryFacts['platforms']>[number]['causes']>;

function broughtBy({ findings, packages }: ReportedPlatform, causes: Causes | undefined): (at: number) => Brought {
  const counts = new Map<number, { packages: number; findings: number }>();
  if (causes) {
    const at = new Map(causes.diffIds.map((diffId, position) => [diffId, position]));
    const note = (of: Parameters<typeof packageKey>[0], what: keyof Brought) => {
      const diffId = causes.packages.get(packageKey(of));
      const layer = diffId === undefined ? undefined : at.get(diffId);
      if (layer === undefined) return;
      const count = counts.get(layer) ?? { packages: 0, findings: 0 };
      count[what] += 1;
      counts.set(layer, count);
    };
    for (const one of packages) note(one, 'packages');
    for (const one of findings) note(one.package, 'findings');
  }
  return (layer) => counts.get(layer) ?? { packages: 0, findings: 0 };
}
