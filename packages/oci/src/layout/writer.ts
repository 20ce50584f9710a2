import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Identifies the writer in a file name: `<machine>.<pid>.<start>.<nonce>`. Unlike content, a name cannot be cut off by
 * a crash, and untrusted content need not be read.
 */
export function writerName(): string {
  own ??= [machine(), process.pid, startOf(process.pid) ?? 0].join('.');
  // randomUUID uses cached entropy: a system call for each file would cost more than its name.
  return `${own}.${randomUUID().replaceAll('-', '').slice(-18)}`;
}

/** Computed once, because a pull of many layers needs a name for each. The identity of a process does not change. */
let own: string | undefined;

export interface Writer {
  readonly state: 'alive' | 'dead' | 'unknown';
  /** For messages. */
  readonly text: string;
}

/**
 * Whether the writer of that name still runs. `unknown`: on another machine or in another container, or a name in
 * another format.
 */
export function writerOf(name: string): Writer {
  const [, where, digits, start] = /^([0-9a-f]{12})\.([1-9][0-9]{0,8})\.([0-9]{1,20})\.[0-9a-f]{18}$/.exec(name) ?? [];
  if (where === undefined || digits === undefined) return { state: 'unknown', text: 'owner unknown' };
  if (where !== machine()) return { state: 'unknown', text: `process ${digits} on another machine or in a container` };
  const pid = Number(digits);
  return { state: runs(pid, start) ? 'alive' : 'dead', text: `process ${pid}` };
}

function runs(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // Process ids are reused: another start time is another process.
  const now = startOf(pid);
  return now === undefined || start === '0' || now === start;
}

/** Process ids are only valid within one boot of one machine, and within one container. */
function machine(): string {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  const identity = JSON.stringify([hostname(), boot ?? '', namespace ?? '']);
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
}

/**
 * When a process was started, in ticks since boot (proc_pid_stat(5), field 22). The process name before it may contain
 * any characters.
 */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Without /proc (macOS, Windows) less is known, which is acceptable. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
