import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasKind, type Log, messageOf } from '@tidegate/core';
import { privileged } from '../run/privileged.ts';
import { signalGroup } from '../run/process-group.ts';
import { removeBridge } from '../step-network/remove.ts';

/** In milliseconds: time between SIGTERM (the daemon stops its containers and unmounts) and SIGKILL. */
const STOP_WITHIN = 10_000;

export interface StartedBuildkit {
  readonly pid: number;
  readonly address: string;
  readonly folder: string;
  readonly log: Log;
  /** Keep the folder: its state is the cache of the next build. */
  readonly keep?: boolean;
}

/**
 * Stop a daemon that `startBuildkit` started, from any process, and remove its folder unless `keep`. A daemon that has
 * already ended is not an error.
 */
export async function stopBuildkit(daemon: StartedBuildkit): Promise<void> {
  const { pid, address, folder, log } = daemon;
  await endDaemon(pid, address, log);
  await removeBridge(folder, log);
  const socket = address.slice('unix://'.length);
  if (dirname(socket) !== folder) await removeFolder(dirname(socket), log);
  if (!daemon.keep) await removeFolder(folder, log);
}

export async function endDaemon(pid: number, address: string, log: Log): Promise<void> {
  if (!(await isOurs(pid, address))) {
    log.debug(`BuildKit (process ${pid}) is no longer running.`);
    return;
  }
  // Signal only the leader: rootlesskit and sudo forward the signal, and a daemon that receives it twice does not shut
  // down cleanly.
  await signal(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_WITHIN;
  while (await isOurs(pid, address)) {
    if (Date.now() > deadline) {
      log.warning(`BuildKit (process ${pid}) did not end within ${STOP_WITHIN / 1000} s and was killed.`);
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

/** A process id may have been reused since it was saved: only a process with our socket in its arguments is ours. */
async function isOurs(pid: number, address: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(address);
}

/** Layers in the folder belong to root, or to user ids that only our user namespace may access. */
async function removeFolder(folder: string, log: Log): Promise<void> {
  const why = await rm(folder, { recursive: true, force: true }).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  if (why === undefined) return;
  for (const [program, ...argv] of [
    ['sudo', '-n', 'rm'],
    ['rootlesskit', 'rm'],
  ] as const) {
    try {
      await privileged(program, [...argv, '-rf', '--', folder], 120_000);
      return;
    } catch (error) {
      if (!hasKind(error, 'tool')) throw error;
      log.debug(messageOf(error));
    }
  }
  log.warning(`BuildKit's folder could not be removed: ${why}`);
}
