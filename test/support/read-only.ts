import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A copy of `folder` on a read-only mount, as a runner's operator would provide it for jobs. */
export async function readOnlyCopy(folder: string, below: string): Promise<AsyncDisposable & { folder: string }> {
  const copy = await mkdtemp(join(below, 'read-only-'));
  await cp(folder, copy, { recursive: true });
  const asRoot = async (program: string, ...argv: string[]): Promise<void> => {
    const [first = '', ...rest] = process.getuid?.() === 0 ? [program, ...argv] : ['sudo', '-n', program, ...argv];
    await exec(first, rest);
  };
  await asRoot('mount', '--bind', copy, copy);
  const dispose = async (): Promise<void> => {
    await asRoot('umount', copy);
    await rm(copy, { recursive: true, force: true });
  };
  await asRoot('mount', '-o', 'remount,ro,bind', copy).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { folder: copy, [Symbol.asyncDispose]: dispose };
}
