import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasCode, type Log, messageOf } from '@tidegate/core';
import { privileged } from '../run/privileged.ts';
import { signalGroup } from '../run/process-group.ts';
import { removeBridge } from '../step-network/remove.ts';

/** From SIGTERM (it ends its containers and unmounts) to SIGKILL. */
const STOP_WITHIN = 10_000;

export interface StartedBuildkit {
  readonly pid: number;
  readonly address: string;
  readonly folder: string;
  readonly log: Log;
  /** Leave the folder: its state is the cache of the next build. */
  readonly keep?: boolean;
}

/**
 * End a daemon that `startBuildkit` started, from any process, and remove its folder unless `keep`. Fine when it is
 * gone already.
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
  // The leader alone: rootlesskit and sudo pass it on, and a daemon that is asked twice does not end in good order.
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
  // What it left of its group, if anything.
  signalGroup(pid, 'SIGKILL');
}

async function signal(target: number, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  try {
    process.kill(target, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    if (code !== 'EPERM') throw error;
    // It was started through sudo.
    // 1: it has ended meanwhile.
    await privileged('sudo', ['-n', 'kill', `-${name.slice('SIG'.length)}`, '--', String(target)], 10_000, [0, 1]);
  }
}

/** A process id may have passed to somebody else since it was saved: only a process that was given our socket is ours. */
async function isOurs(pid: number, address: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(address);
}

/** Its layers belong to root, or to user ids that only a user namespace of ours may touch. */
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
      if (!hasCode(error, 'tool')) throw error;
      log.debug(messageOf(error));
    }
  }
  log.warning(`BuildKit's folder could not be removed: ${why}`);
}
