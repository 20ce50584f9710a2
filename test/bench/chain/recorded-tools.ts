import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Recorded {
  readonly folder: string;
  /** A line of each run: begin, end, tool, first argument. */
  readonly log: string;
}

/** The same tools behind a script that notes when each began and ended. */
export async function recordTools(tools: string, folder: string): Promise<Recorded> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, 'times');
  for (const name of await readdir(tools)) {
    const script = `#!/bin/bash\nbegan=$EPOCHREALTIME\n'${join(tools, name)}' "$@"\ncode=$?\necho "$began $EPOCHREALTIME ${name} $1" >>'${log}'\nexit $code\n`;
    await writeFile(join(folder, name), script);
    await chmod(join(folder, name), 0o755);
  }
  return { folder, log };
}

/** When at least one of them ran: intervals in order that do not touch, in milliseconds since the epoch. */
export async function toolSpans(log: string): Promise<readonly (readonly [begin: number, end: number])[]> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  const spans: [number, number][] = [];
  for (const [begin = 0, end = 0] of lines
    .map((line) => line.split(' ', 2).map((second) => Number(second) * 1000))
    .toSorted(([a = 0], [b = 0]) => a - b)) {
    const last = spans.at(-1);
    if (last && begin <= last[1]) last[1] = Math.max(last[1], end);
    else spans.push([begin, end]);
  }
  return spans;
}
