import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deferred } from '@tidegate/core';
import { cacheFolder } from './programs/cache-folder.ts';

/**
 * `work` while no other process of this machine does what is called `name`: test files run side by side, and on a fresh
 * machine each of them would install the same packages and compile the same programs.
 *
 * util-linux' `flock` holds the lock for as long as its standard input is open, so a process that dies lets go of it.
 * Where there is no such program (macOS) nothing is held: the work is then done twice, and the last to end wins.
 */
export async function oneAtATime<T>(name: string, work: () => Promise<T>, folder = cacheFolder()): Promise<T> {
  const locks = join(folder, 'locks');
  await mkdir(locks, { recursive: true });
  const holder = await hold(join(locks, name));
  try {
    return await work();
  } finally {
    if (holder) {
      const ended = once(holder, 'exit');
      holder.stdin.end();
      await ended;
    }
  }
}

async function hold(file: string): Promise<ChildProcessWithoutNullStreams | undefined> {
  const holder = spawn('flock', [file, 'cat'], { stdio: ['pipe', 'pipe', 'pipe'] });
  // Its end is heard below; a write to one that has ended must not end this process.
  holder.stdin.on('error', () => {});
  const refused = deferred<never>();
  refused.promise.catch(() => {});
  holder.once('error', refused.reject);
  holder.once('exit', (code, signal) => refused.reject(new Error(`flock ${file} ended with ${signal ?? code}`)));
  // What `cat` gives back it has read, and it reads once the lock is held.
  holder.stdin.write('.');
  try {
    await Promise.race([once(holder.stdout, 'data'), refused.promise]);
    return holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
