import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Found {
  readonly pid: number;
  /** Its command line, with blanks between arguments. */
  readonly line: string;
}

/**
 * This machine's processes with `text` in their command line, or in the environment that they were started with
 * (proc_pid_cmdline(5), proc_pid_environ(5)). NUL separates arguments, and variables.
 */
export async function processesNaming(
  text: string,
  where: 'cmdline' | 'environ' = 'cmdline',
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process that has ended, or belongs to another user, has no readable text.
    const of = (file: string) => readFile(join('/proc', pid, file), 'utf8').catch(() => '');
    if (!(await of(where)).includes(text)) continue;
    found.push({ pid: Number(pid), line: (await of('cmdline')).replaceAll('\0', ' ') });
  }
  return found;
}

const children = new Set<ChildProcess>();
/** One listener for all children: Node warns about more than ten. */
const killAll = (): void => {
  for (const child of children) child.kill('SIGKILL');
};

/** A test that dies must not leave a server running. */
export function killWithUs(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', killAll);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', killAll);
  });
}
