/** Goes through one table of malformed things and says how they ended, and how much memory that took. */
import { readFileSync } from 'node:fs';
import { judge } from './case.ts';
import { TABLES, type TableName, type TableReport } from './tables.ts';

/** Beyond this, bytes, what earlier cases left is let go first: it is not the next one's. */
const LEFT = 128 * 1024 * 1024;

const table = TABLES[process.argv[2] as TableName];
const collect = globalThis.gc;
if (!collect) throw new Error('Started without --expose-gc.');
const faults: string[] = [];
let slowest = { name: '', milliseconds: 0 };
for (const one of table) {
  const { name, milliseconds, fault } = await judge(one);
  if (fault !== undefined) faults.push(`${name}: ${fault}`);
  if (milliseconds > slowest.milliseconds) slowest = { name, milliseconds };
  if (process.memoryUsage.rss() > LEFT) collect();
}
const report: TableReport = { cases: table.length, faults, slowest, peak: peakOfMemory() };
process.stdout.write(`${JSON.stringify(report)}\n`);
// A request that still hangs has been judged: it must not keep the process alive.
process.exit(0);

/** Bytes. What getrusage(2) says will not do: it counts what the process that started this one had when it did. */
function peakOfMemory(): number {
  const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (kib === undefined) throw new Error('The kernel does not say how much memory was used at most.');
  return Number(kib) * 1024;
}
