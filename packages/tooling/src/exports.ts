/**
 * Every export is used: knip finds exports that no other file imports, exports of an index that no package imports, and
 * files that no program or test reaches. packages/tooling/knip.json names the programs and tests.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './repository.ts';

interface Named {
  readonly name: string;
  readonly line?: number;
}

/** The fields that are read from knip's JSON report. */
interface Faults {
  readonly file: string;
  readonly files?: readonly Named[];
  readonly exports?: readonly Named[];
  readonly types?: readonly Named[];
  readonly duplicates?: readonly (readonly Named[])[];
}

export interface KnipReport {
  readonly issues: readonly Faults[];
}

/** @returns one sentence for each fault. */
export function complaintsOf({ issues }: KnipReport): string[] {
  const complaints: string[] = [];
  for (const { file, files = [], exports = [], types = [], duplicates = [] } of issues) {
    if (files.length > 0) complaints.push(`${file}:1 is reached by no program and no test → delete the file`);
    for (const { name, line = 1 } of [...exports, ...types]) {
      const what = file.endsWith('/index.ts') ? 'no other package or folder imports it' : 'no other file imports it';
      complaints.push(`${file}:${line} exports ${name}, but ${what} → drop the export, or the code if nothing uses it`);
    }
    for (const [first, ...others] of duplicates) {
      const names = others.map(({ name }) => name).join(', ');
      complaints.push(`${file}:${first?.line ?? 1} exports ${first?.name} a second time as ${names} → keep one name`);
    }
  }
  return complaints.sort();
}

async function knip(root: string): Promise<KnipReport> {
  const tooling = join(root, 'packages/tooling');
  const argv = [
    join(tooling, 'node_modules/knip/bin/knip.js'),
    ...['--config', join(tooling, 'knip.json')],
    ...['--include', 'exports,types,files,duplicates'],
    ...['--reporter', 'json', '--no-progress', '--no-exit-code'],
  ];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const report = Buffer.concat(out).toString();
  // knip reports a wrong configuration on stderr, with an empty report: that is not the same as no fault.
  if (code === 0 && report.startsWith('{')) return JSON.parse(report) as KnipReport;
  throw new Error(`knip exited ${code} without a report: ${Buffer.concat(err).toString().trim() || report.trim()}`);
}

if (import.meta.main) {
  const complaints = complaintsOf(await knip(ROOT));
  for (const complaint of complaints) console.log(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}
