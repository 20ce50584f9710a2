import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function summary(values: readonly number[]): Summary {
  const round = (value: number) => Number(value.toFixed(3));
  return { min: round(Math.min(...values)), median: round(median(values)), max: round(Math.max(...values)) };
}

/** Ratios run by run: both sides of a pair met the same machine. */
export function pairs(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  return ours.map((value, at) => value / (theirs[at] ?? Number.NaN));
}

/** @returns undefined where none were written yet */
export async function readFigures(
  name: string,
  beside = import.meta.url,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readFile(new URL(`figures/${name}.json`, beside), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** @param beside the command that measured them: they are kept there in `figures/`, and printed */
export async function writeFigures(
  name: string,
  figures: Readonly<Record<string, unknown>>,
  beside = import.meta.url,
): Promise<void> {
  const text = `${JSON.stringify({ measured: new Date().toISOString(), machine: machine(), ...figures }, null, 2)}\n`;
  await writeText(name, text, beside);
  console.log(text);
}

/** Figures of a benchmark whose cells are measured one by one: each says when. */
export interface CellFigures {
  readonly command: string;
  readonly cells: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Replaces one cell, which is also printed. */
export async function writeCell(
  name: string,
  command: string,
  cell: string,
  figures: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { cells = {} } = ((await readFigures(name)) ?? {}) as Partial<CellFigures>;
  const measured = { measured: new Date().toISOString(), machine: machine(), ...figures };
  const all: CellFigures = { command, cells: { ...cells, [cell]: measured } };
  await writeText(name, `${JSON.stringify(all, null, 2)}\n`, import.meta.url);
  console.log(JSON.stringify({ [cell]: measured }, null, 2));
}

function machine() {
  return { node: process.version, cores: cpus().length, 'memory, GiB': Math.round(totalmem() / 2 ** 30) };
}

async function writeText(name: string, text: string, beside: string): Promise<void> {
  const folder = fileURLToPath(new URL('figures', beside));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), text);
}
