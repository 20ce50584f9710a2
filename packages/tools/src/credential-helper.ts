import { spawn } from 'node:child_process';
import type { ChildContext } from './run/child-context.ts';
import { signalGroup } from './run/process-group.ts';

/** In milliseconds. Some helpers contact a cloud, which may be slow, but none needs longer. */
const TIMEOUT = 30_000;
const OUTPUT_LIMIT = 1024 * 1024;

/** Run one of docker's credential helpers with `input` on stdin. Never uses a shell. */
export type CredentialHelper = (
  program: string,
  argv: readonly string[],
  input: string,
) => Promise<{ readonly exitCode: number; readonly stdout: string }>;

/**
 * Does not use `run`: output of a helper may contain a secret, so its stderr is discarded and no error repeats any of
 * its output. A helper that exceeds `timeout` milliseconds is killed with all its child processes.
 */
export function credentialHelper(context: () => Promise<ChildContext>, timeout = TIMEOUT): CredentialHelper {
  return async (program, argv, input) => {
    const { cwd, env } = await context();
    return new Promise((resolve, reject) => {
      // Use a separate process group: child processes of a helper's script could keep its output open after it exits.
      const child = spawn(program, argv, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
      const stop = (why: string): void => {
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
        child.stdout.destroy();
        reject(new Error(why));
      };
      const timer = setTimeout(() => stop(`it did not finish within ${timeout / 1000} seconds`), timeout);
      const chunks: Buffer[] = [];
      let length = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > OUTPUT_LIMIT) stop(`it printed more than ${OUTPUT_LIMIT} bytes`);
        else chunks.push(chunk);
      });
      child.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ exitCode: code ?? 128, stdout: Buffer.concat(chunks).toString('utf8') });
      });
      child.stdin.on('error', () => child.stdin.destroy()); // It may exit without reading; its exit code decides.
      child.stdin.end(input);
    });
  };
}
