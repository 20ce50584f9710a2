import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TidegateError } from '@tidegate/core';
import type { ChildContext } from './child-context.ts';
import { lastLines, StderrLines } from './stderr-lines.ts';
import { which } from './which.ts';

interface ShortCommandOptions {
  readonly context: ChildContext;
  /**
   * In milliseconds. After that this process stops waiting. The command itself cannot be stopped: see `shortCommand`.
   */
  readonly timeout: number;
  /** Exit codes that count as success. Default `[0]`. */
  readonly answers?: readonly number[] | undefined;
}

/**
 * Run a short system command with `@actions/exec`: no output, no cancellation, no process group. That library can
 * neither stop a child nor limit its output, so everything that may run long uses `run`.
 *
 * The command must not read its stdin, which stays open. The library can close it only by writing to it (`input`), and
 * does not handle the EPIPE of a command that has already exited: that would end this process.
 * @throws TidegateError `tool` when the command is missing, exited with a code that is not in `answers`, was killed, or
 * did not finish in time
 */
export async function shortCommand(
  program: string,
  argv: readonly string[],
  { context, timeout, answers = [0] }: ShortCommandOptions,
): Promise<void> {
  const name = basename(program);
  const stderr = new StderrLines();
  const expired = new AbortController();
  try {
    // Resolve it here: @actions/exec searches this process's own PATH, not that of `env`.
    const path = program.startsWith('/') ? program : await which(program, context.env);
    if (path === undefined) throw new Error(`there is no such program in PATH (${context.env.PATH ?? 'not set'})`);
    const { exec } = await import('@actions/exec');
    const ended = exec(quoted(path), [...argv], {
      cwd: context.cwd,
      env: { ...context.env },
      silent: true,
      ignoreReturnCode: true,
      listeners: { stderr: (chunk) => stderr.write(chunk) },
    });
    const late = delay(timeout, 'late' as const, { signal: expired.signal });
    // The result of the other promise is ignored; its rejection must not end the process.
    late.catch(() => {});
    ended.catch(() => {});
    const exitCode: number | 'late' | null = await Promise.race([ended, late]);
    if (exitCode === 'late') throw new Error(`it did not end within ${timeout / 1000} s`);
    if (exitCode !== null && answers.includes(exitCode)) return;
    // Node reports the exit code null for a child that was killed by a signal.
    throw new Error(exitCode === null ? 'a signal killed it' : `exit code ${exitCode}`);
  } catch (error) {
    const last = lastLines(stderr.tail);
    throw new TidegateError(
      'system-command-failed',
      `${name} failed: ${messageOf(error)}${last === '' ? '.' : `. Last lines:\n${last}`}`,
      {
        next: `Run \`${name}\` by hand as the user of this job.`,
        cause: error,
      },
    );
  } finally {
    expired.abort();
  }
}

/** The library splits its first argument at spaces, and interprets quotes and backslashes in it. */
function quoted(path: string): string {
  if (/["\\]/.test(path)) throw new Error(`its path ${JSON.stringify(path)} holds a quote or a backslash`);
  return `"${path}"`;
}
