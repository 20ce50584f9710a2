import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deferred } from '@tidegate/core';
import { cacheFolder } from './programs/cache-folder.ts';

/**
 * Runs `work` while no other process of this machine runs work with the same `name`: test files run in parallel, and on
 * a new machine each of them would install the same packages and compile the same programs.
 *
 * util-linux' `flock` keeps the lock while its standard input is open, so a process that dies releases it. Without that
 * program (macOS) there is no lock: the work is done twice, and the last to end wins.
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
  // The exit event reports its end; a write to an ended process must not end this process.
  holder.stdin.on('error', () => {});
  const refused = deferred<never>();
  refused.promise.catch(() => {});
  holder.once('error', refused.reject);
  holder.once('exit', (code, signal) => refused.reject(new Error(`flock ${file} ended with ${signal ?? code}`)));
  // `cat` returns what it has read, and it starts to read when it has the lock.
  holder.stdin.write('.');
  try {
    await Promise.race([once(holder.stdout, 'data'), refused.promise]);
    return holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
