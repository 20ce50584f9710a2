import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ChildContext } from './child-context.ts';

/**
 * Start a program that runs on after this process, such as a browser: in a session of its own, without input and output.
 * @param patience milliseconds to wait for its exit code. A program that still runs then has started well.
 * @param answers exit codes that count as success
 * @throws Error with the reason if it did not start, or failed within that time
 */
export async function launch(
  path: string,
  argv: readonly string[],
  { cwd, env }: ChildContext,
  patience: number,
  answers: readonly number[] = [0],
): Promise<void> {
  const child = spawn(path, argv, { cwd, env: { ...env }, detached: true, stdio: 'ignore', windowsHide: true });
  const limit = AbortSignal.timeout(patience);
  try {
    const [code, signal] = await once(child, 'exit', { signal: limit });
    if (!answers.includes(code))
      throw new Error(signal === null ? `it exited with code ${code}` : `it was killed by ${signal}`);
  } catch (error) {
    if (!limit.aborted) throw error;
  } finally {
    child.unref();
  }
}
