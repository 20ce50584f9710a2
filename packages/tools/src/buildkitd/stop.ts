import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasKind, type Log, messageOf } from '@tidegate/core';
import { endDaemon } from '../run/daemon.ts';
import { privileged } from '../run/privileged.ts';
import { removeBridge } from '../step-network/remove.ts';

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
  await endDaemon({ name: 'BuildKit', pid, mark: address }, log);
  await removeBridge(folder, log);
  const socket = address.slice('unix://'.length);
  if (dirname(socket) !== folder) await removeFolder(dirname(socket), log);
  if (!daemon.keep) await removeFolder(folder, log);
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
