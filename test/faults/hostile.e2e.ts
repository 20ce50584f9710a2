/**
 * Malformed layouts, manifests, indexes and answers of registries: each ends in one clear error, none in a crash or a
 * hang, and none takes much memory. Each table is gone through by a process of its own, so that a crash is seen and
 * memory is what it was.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keepFigures } from './figures.ts';
import { PATIENCE } from './hostile/case.ts';
import { TABLES, type TableName, type TableReport } from './hostile/tables.ts';

const MEMORY = 256 * 1024 * 1024;
/** Fewer than there are, and far more than were asked for: whoever takes cases away has to say so here. */
const AT_LEAST = 900;

const program = fileURLToPath(new URL('hostile/go-through.ts', import.meta.url));
const names = Object.keys(TABLES) as TableName[];

async function goThrough(name: TableName): Promise<TableReport> {
  // Hundreds of cases follow each other in one process: what the last ones left must not be counted.
  const child = spawn(process.execPath, ['--expose-gc', '--max-semi-space-size=4', program, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, MALLOC_ARENA_MAX: '2' },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  expect({ code, signal, stderr: said.stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(said.stdout) as TableReport;
}

/** Side by side: one table waits for a lock that is never let go, and there is another core. */
const running = new Map<TableName, Promise<TableReport>>();
beforeAll(() => {
  const [waiting, ...others] = names.toSorted((a, b) => TABLES[a].length - TABLES[b].length);
  const start = (name: TableName, after?: Promise<unknown>): Promise<unknown> => {
    const report = Promise.resolve(after).then(() => goThrough(name));
    running.set(name, report);
    // Told where it is waited for: until then it must not count as unheard.
    return report.catch(() => undefined);
  };
  let before: Promise<unknown> | undefined;
  if (waiting) start(waiting);
  for (const name of others) before = start(name, before);
});

const found: Record<string, unknown> = {};
afterAll(() => keepFigures('hostile', 'e2e', found));

describe('malformed:', () => {
  test.each(names)('%s', async (name) => {
    const report = (await running.get(name)) as TableReport;
    found[name] = {
      cases: report.cases,
      wrong: report.faults.length,
      'most memory, MiB': Math.round(report.peak / 2 ** 20),
      'longest, ms': Math.round(report.slowest.milliseconds),
    };
    expect(report.faults).toEqual([]);
    expect(report.cases).toBe(TABLES[name].length);
    expect(report.slowest.milliseconds).toBeLessThan(PATIENCE);
    expect(report.peak).toBeLessThan(MEMORY);
    process.stdout.write(
      `${name}: ${report.cases} cases, ${Math.round(report.peak / 2 ** 20)} MiB at most, ` +
        `${Math.round(report.slowest.milliseconds)} ms for ${report.slowest.name}\n`,
    );
  });

  test(`there are at least ${AT_LEAST} of them, each another`, () => {
    const all = Object.values(TABLES).flatMap((table) => table.map((one) => one.name));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(AT_LEAST);
  });
});
