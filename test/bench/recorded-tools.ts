import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The same tools behind a script that notes when each began and ended. */
export async function recordTools(tools: string, folder: string): Promise<{ folder: string; log: string }> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, 'times');
  for (const name of await readdir(tools)) {
    const script = `#!/bin/bash\nbegan=$EPOCHREALTIME\n'${join(tools, name)}' "$@"\ncode=$?\necho "$began $EPOCHREALTIME ${name} $1" >>'${log}'\nexit $code\n`;
    await writeFile(join(folder, name), script);
    await chmod(join(folder, name), 0o755);
  }
  return { folder, log };
}

/** Milliseconds between `from` and `to` in which at least one of them ran. */
export async function toolTime(log: string, from: number, to: number): Promise<number> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  const spans = lines
    .map(
      (line) =>
        line
          .split(' ')
          .slice(0, 2)
          .map((second) => Number(second) * 1000) as [number, number],
    )
    .toSorted(([a], [b]) => a - b);
  let covered = 0;
  let end = from;
  for (const [began, ended] of spans) {
    const start = Math.max(began, end);
    const stop = Math.min(ended, to);
    if (stop > start) covered += stop - start;
    end = Math.max(end, stop);
  }
  return covered;
}
