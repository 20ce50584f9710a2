import { randomBytes } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, TidegateError } from '@tidegate/core';
import { errno, readHostile, temporaryIn } from './layout-files.ts';

const PATIENCE = 30_000;

/**
 * Run `work` while no other process, and no other part of this one, changes what `path` guards.
 * The lock is a file that names its owner; one whose owner is dead (same machine, no such process) is broken.
 * @throws TidegateError `conflict` when the owner keeps it for more than `patience` milliseconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const owner = JSON.stringify({ host: hostname(), pid: process.pid, nonce: randomBytes(9).toString('base64url') });
  const until = performance.now() + patience;
  let wait = 2;
  while (!(await take(path, owner))) {
    const holder = await readHolder(path);
    if (holder !== undefined && isDead(holder)) {
      await breakLock(path, holder);
      continue;
    }
    if (performance.now() > until) {
      throw new TidegateError('conflict', `${path}: another writer holds the layout (${describe(holder)}).`, {
        next: 'Wait for it to end. If nothing is running, remove the lock file.',
      });
    }
    await sleep(wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, 100);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Written aside and linked into place, so that a lock never exists without its owner's name in it. */
async function take(path: string, owner: string): Promise<boolean> {
  const aside = temporaryIn(dirname(path));
  await writeFile(aside, owner, { flag: 'wx' });
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Rename is atomic: of two who find the same dead owner one wins. Whoever moved a living lock by this puts it back. */
async function breakLock(path: string, holder: string): Promise<void> {
  const aside = temporaryIn(dirname(path));
  try {
    await rename(path, aside);
  } catch (error) {
    if (errno(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readHolder(aside)) !== holder) await link(aside, path);
  await rm(aside, { force: true });
}

function isDead(holder: string): boolean {
  const { host, pid } = parseHolder(holder);
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errno(error) === 'ESRCH';
  }
}

/** undefined: gone, or still linked under its first name, or something hostile. None of these is a dead owner. */
async function readHolder(path: string): Promise<string | undefined> {
  try {
    return (await readHostile(path, 4096)).toString('utf8');
  } catch (error) {
    if (hasCode(error, 'not-found', 'layout')) return undefined;
    throw error;
  }
}

function parseHolder(holder: string): { host?: string; pid?: number } {
  try {
    const { host, pid } = JSON.parse(holder) as { host?: unknown; pid?: unknown };
    return {
      ...(typeof host === 'string' ? { host } : {}),
      ...(typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? { pid } : {}),
    };
  } catch {
    return {}; // Not ours to read: an owner that cannot be told is taken to live.
  }
}

function describe(holder: string | undefined): string {
  const { host, pid } = parseHolder(holder ?? '');
  return pid === undefined ? 'owner unknown' : `process ${pid} on ${JSON.stringify(host)}`;
}
