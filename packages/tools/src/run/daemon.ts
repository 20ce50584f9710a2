import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Log, messageOf } from '@tidegate/core';
import type { ChildContext } from './child-context.ts';
import { privileged } from './privileged.ts';
import { signalGroup } from './process-group.ts';
import { lastLines } from './stderr-lines.ts';

/** In milliseconds: time between SIGTERM (a daemon stops its containers and unmounts) and SIGKILL. */
const STOP_WITHIN = 10_000;

/** A process that outlives the step that started it. */
export interface Daemon {
  /** For messages. */
  readonly name: string;
  readonly pid: number;
  /** One of its arguments that no other process has. */
  readonly mark: string;
}

interface StartOptions {
  readonly argv: readonly string[];
  readonly context: ChildContext;
  /** Receives what the process prints. */
  readonly logFile: string;
  /** Until its first message, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Called before anything is awaited: if this process is killed meanwhile, the daemon must already be recorded. */
  readonly onStart: (pid: number) => void;
}

/**
 * Start a Node program that outlives this process: it has its own session, and does not keep this process's output open.
 * @returns the message with which it says that it is ready (`process.send`)
 * @throws Error with the reason and its last output if it ended, or was silent for too long; it is then killed
 */
export async function startDaemon(options: StartOptions): Promise<unknown> {
  const { argv, context, logFile, signal, timeout, onStart } = options;
  const output = await open(logFile, 'w', 0o600);
  const child = spawn(process.execPath, argv, {
    cwd: context.cwd,
    env: { ...context.env },
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
  });
  if (child.pid !== undefined) onStart(child.pid);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  const ended = once(child, 'exit', { signal: limit }).then(([code, name]) => {
    throw new Error(name === null ? `it exited with code ${code}` : `it was killed by ${name}`);
  });
  try {
    await output.close();
    const [message] = await Promise.race([once(child, 'message', { signal: limit }), ended]);
    child.disconnect();
    child.unref();
    return message;
  } catch (cause) {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    const why = limit.aborted && !signal.aborted ? `it did not start within ${timeout / 1000} s` : messageOf(cause);
    const said = lastLines(await readFile(logFile, 'utf8').catch(() => ''));
    throw new Error(said === '' ? why : `${why}. Last output:\n${said}`, { cause });
  } finally {
    ended.catch(() => {});
  }
}

/** End a daemon from any process. One that has already ended is not an error. */
export async function endDaemon({ name, pid, mark }: Daemon, log: Log): Promise<void> {
  if (!(await isOurs(pid, mark))) {
    log.debug(`${name} (process ${pid}) is no longer running.`);
    return;
  }
  // Signal only the leader: rootlesskit and sudo forward the signal, and a daemon that receives it twice does not shut
  // down cleanly.
  await signal(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_WITHIN;
  while (await isOurs(pid, mark)) {
    if (Date.now() > deadline) {
      log.warning(`${name} (process ${pid}) did not end within ${STOP_WITHIN / 1000} s and was killed.`);
      await signal(-pid, 'SIGKILL');
      return;
    }
    await wait(20);
  }
  // Kill remaining processes of its group, if any.
  signalGroup(pid, 'SIGKILL');
}

async function signal(target: number, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  try {
    process.kill(target, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    if (code !== 'EPERM') throw error;
    // The daemon was started through sudo. Exit code 1: it has ended meanwhile.
    await privileged('sudo', ['-n', 'kill', `-${name.slice('SIG'.length)}`, '--', String(target)], 10_000, [0, 1]);
  }
}

/** A process id may have been reused since it was saved: only a process with our mark in its arguments is ours. */
async function isOurs(pid: number, mark: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(mark);
}
