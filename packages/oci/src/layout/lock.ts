import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidegateError } from '@tidegate/core';
import { ABANDONED_AFTER, errno, TEMPORARY, unwritable } from './files.ts';
import { writerName, writerOf } from './writer.ts';

/** What is done under the lock takes milliseconds: an owner that keeps it so long does not move. */
const PATIENCE = 8_000;
const CLAIM = `${TEMPORARY}lock.`;

/**
 * Run `work` while no other process, and no other part of this one, changes what lies in `folder`.
 * Every writer puts down a claim with a name of its own and looks whether there is another: of two at least one sees
 * the other, and whoever sees one steps back. A claim is removed by its own name only, so that taking away a dead
 * owner's can never take away a living one's.
 * @throws TidegateError `conflict` when one owner keeps it for more than `budget` milliseconds.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, budget = PATIENCE): Promise<T> {
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
    const others = await living(folder, undefined);
    const seen = others.join(' ');
    // Others that come and go are at work; the same one all the time is stuck.
    if (seen !== before) since = performance.now();
    before = seen;
    const [holder] = others;
    if (holder !== undefined && performance.now() - since > budget) {
      const path = join(folder, holder);
      throw new TidegateError(
        'conflict',
        `${folder}: another writer holds the layout (${writerOf(holder.slice(CLAIM.length)).text}).`,
        { next: `Wait for it to end. If nothing is running, remove ${path}.` },
      );
    }
    await sleep(wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, 50);
  }
}

/** @returns the claim's path, or undefined when somebody else has one */
async function claim(folder: string): Promise<string | undefined> {
  if ((await living(folder, undefined)).length > 0) return undefined;
  const name = CLAIM + writerName();
  const path = join(folder, name);
  await open(path, 'wx', 0o644).then((file) => file.close(), unwritable(path));
  let alone = false;
  try {
    alone = (await living(folder, name)).length === 0;
  } finally {
    if (!alone) await rm(path, { force: true });
  }
  return alone ? path : undefined;
}

/** Claims of the living and of those nobody here can tell of. Those of the dead are taken away. */
async function living(folder: string, mine: string | undefined): Promise<readonly string[]> {
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
