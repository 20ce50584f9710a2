import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CELLS, type Cell } from './chain/cells.ts';
import { type CellFigures, readFigures, type Summary } from './figures.ts';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** Fills the tables of docs/performance.md from the figures. */
export async function writeTables(): Promise<void> {
  await writeFile(PAGE, await pageWithTables());
}

export async function pageWithTables(): Promise<string> {
  const page = filled(await readFile(PAGE, 'utf8'), 'chain', await chainTable());
  return filled(page, 'workflow', await workflowTable());
}

function filled(page: string, name: string, lines: readonly string[]): string {
  const table = new RegExp(`(<!-- table:${name} -->\n)[\\s\\S]*?(?=<!-- /table:${name} -->)`);
  if (!table.test(page)) throw new Error(`${PAGE} has no table:${name}.`);
  return page.replace(table, (_, start: string) => `${start}${lines.join('\n')}\n`);
}

interface ChainCell {
  readonly runs: number;
  readonly image?: Readonly<Record<string, number>>;
  readonly ours: Summary;
  readonly [name: string]: unknown;
}

/** Medians. */
async function chainTable(): Promise<readonly string[]> {
  const { cells = {} } = ((await readFigures('chain')) ?? {}) as Partial<CellFigures>;
  const rows = Object.entries(CELLS).flatMap(([name, { about, aim }]) => {
    const cell = cells[name] as ChainCell | undefined;
    if (!cell) return [];
    const columns = [`\`${name}\`: ${about}`, sizeOf(cell), cell.runs, medianOf(cell.ours)];
    for (const peers of ['peers', 'smart peers']) {
      columns.push(medianOf(cell[peers]), medianOf(cell[`ratio to ${peers}`]));
    }
    columns.push(aimOf(cell, aim));
    return [`| ${columns.join(' | ')} |`];
  });
  return [
    '| Cell | Image, unpacked (packed) | Runs | Ours, s | Peers, s | Ours to peers | Smart peers, s | Ours to smart peers | Aim |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
}

/** Its columns: names in the figures. */
const WORKFLOW = {
  Runs: 'runs',
  'Uploads, s': 'uploads of artifacts',
  'Downloads, s': 'downloads of artifacts',
  '`join-layouts`, s': 'join-layouts',
  'Other actions, s': "the actions' own work",
  'act, s': 'act: jobs, steps, check-out',
  'Root action, s': 'the root action',
  'Artifacts and join to the root action': 'artifacts and join-layouts to the root action',
} as const;

/** Medians. */
async function workflowTable(): Promise<readonly string[]> {
  const { cells = {} } = ((await readFigures('workflow')) ?? {}) as Partial<CellFigures>;
  const rows = Object.entries(cells).map(([name, figures]) => {
    const columns = Object.values(WORKFLOW).map((column) => {
      const value = figures[column];
      return typeof value === 'number' ? value : medianOf(value);
    });
    return `| ${[`\`${name}\``, ...columns].join(' | ')} |`;
  });
  const heads = ['Image', ...Object.keys(WORKFLOW)];
  return [`| ${heads.join(' | ')} |`, `| ${heads.map(() => '---').join(' | ')} |`, ...rows];
}

function sizeOf({ image }: ChainCell): string {
  return image ? `${image['unpacked, MB']} MB (${image['packed, MB']} MB)` : '';
}

/** `0.60 of peers: met`. Compared as printed, so that no row contradicts itself. */
function aimOf(cell: ChainCell, aim: Cell['aim']): string {
  if (!aim) return '';
  const ratio = medianOf(cell[`ratio to ${aim.to}`]);
  const words = `${aim.ratio.toFixed(2)} of ${aim.to}`;
  return ratio === '' ? words : `${words}: ${Number(ratio) <= aim.ratio ? 'met' : 'missed'}`;
}

function medianOf(figures: unknown): string {
  return figures === undefined ? '' : (figures as Summary).median.toFixed(2);
}
