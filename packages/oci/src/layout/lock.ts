import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidegateError } from '@tidegate/core';
import { ABANDONED_AFTER, errno, TEMPORARY, unwritable } from './files.ts';
import { writerName, writerOf } from './writer.ts';

/**
 * Maximum time to wait for one owner. Work under the lock takes milliseconds, so an owner that keeps it longer is
 * stuck. Milliseconds.
 */
const LOCK_TIMEOUT = 8_000;
const CLAIM = `${TEMPORARY}lock.`;

/**
 * Run `work` while no other process, and no other part of this one, changes `folder`. Every writer creates a claim with
 * a unique name and checks for others: of two writers at least one sees the other and backs off. Claims are removed by
 * their unique name, so that removing a dead owner's claim can never remove an active one.
 * @throws TidegateError `conflict` when one owner keeps the lock for more than `budget` milliseconds.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, budget = LOCK_TIMEOUT): Promise<T> {
  let before = '';
  let since = performance.now();
  let wait = 1;
  for (;;) {
    const mine = await claim(folder);
    if (mine !== undefined) {
      try {
        return await work();
      } finally {
        await rm(mine, { force: true });
      }
    }
    const others = await activeClaims(folder, undefined);
    const seen = others.join(' ');
    // Changing owners make progress; the same owner all the time is stuck.
    if (seen !== before) since = performance.now();
    before = seen;
    const [holder] = others;
    if (holder !== undefined && performance.now() - since > budget) {
      const path = join(folder, holder);
      throw new TidegateError(
        'layout-locked',
        `${folder}: another writer has locked the layout (${writerOf(holder.slice(CLAIM.length)).text}).`,
        { next: `Wait until it ends. If it is no longer running, remove ${path}.` },
      );
    }
    await sleep(wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, 50);
  }
}

/** @returns the claim's path, or undefined when another writer has one */
async function claim(folder: string): Promise<string | undefined> {
  if ((await activeClaims(folder, undefined)).length > 0) return undefined;
  const name = CLAIM + writerName();
  const path = join(folder, name);
  await open(path, 'wx', 0o644).then((file) => file.close(), unwritable(path));
  let alone = false;
  try {
    alone = (await activeClaims(folder, name)).length === 0;
  } finally {
    if (!alone) await rm(path, { force: true });
  }
  return alone ? path : undefined;
}

/** Claims of active and of unknown writers. Claims of dead writers are removed. */
async function activeClaims(folder: string, mine: string | undefined): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(CLAIM) || name === mine) continue;
    const path = join(folder, name);
    const { state } = writerOf(name.slice(CLAIM.length));
    if (state === 'dead' || (state === 'unknown' && (await isOld(path))))
      await rm(path, { recursive: true, force: true });
    else found.push(name);
  }
  return found.sort();
}

async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await lstat(path)).mtimeMs > ABANDONED_AFTER;
  } catch (error) {
    if (errno(error) === 'ENOENT') return true;
    throw error;
  }
}
