import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A process id, and the start time that tells the process from a later one with the same id. */
export interface JobProcess {
  readonly pid: number;
  readonly started: string;
}

/** More ancestors than any runner has. */
const ANCESTORS = 16;

/**
 * The process that runs this job's steps: the runner's worker (`Runner.Worker`), above the step's process `pid`. It is
 * not always the parent: with container hooks a shell is, which ends with the step.
 * @returns undefined where it cannot be seen: in a job container, or if this is another program than GitHub's runner
 */
export async function jobProcess(pid: number): Promise<JobProcess | undefined> {
  let at = pid;
  for (let depth = 0; depth < ANCESTORS && at > 0; depth += 1) {
    const stat = statOf(at);
    const command = await readFile(`/proc/${at}/cmdline`, 'utf8').catch(() => '');
    if (!stat) return undefined;
    if (/(^|[/\\\0])Runner\.Worker(\.dll)?(\0|$)/.test(command)) return { pid: at, started: stat.started };
    at = stat.parent;
  }
  return undefined;
}

export function isRunning({ pid, started }: JobProcess): boolean {
  return statOf(pid)?.started === started;
}

/** proc(5), /proc/pid/stat: the name in parentheses may contain anything, so fields are counted behind it. */
function statOf(pid: number): { readonly parent: number; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // The first three fields are gone: 22 (starttime) is the 18th of the rest.
    return state === 'Z' ? undefined : { parent: Number(parent), started: rest[17] ?? '' };
  } catch {
    return undefined;
  }
}
