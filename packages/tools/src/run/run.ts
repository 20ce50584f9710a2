import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Run, RunOptions, RunResult } from '../toolbox/tool.ts';
import { signalGroup } from './process-group.ts';
import { lastLines, StderrLines } from './stderr-lines.ts';

const DEFAULT_OUTPUT = 64 * 1024 * 1024;
/**
 * In milliseconds: time between SIGTERM and SIGKILL, and maximum time that remaining processes of a child may keep its
 * output open.
 */
const GRACE = 2000;

/** How a child ended, or why it was stopped. */
type End =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timeout' | 'too-much' | 'left-behind' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'no-start'; readonly cause: Error };

/** As it was received. `stderr` is kept with `wholeStderr` only. */
interface Output {
  readonly stdout: Buffer[];
  readonly stderr: Buffer[];
}

export const run: Run = async (path, argv, options) => {
  const name = basename(path);
  if (options.signal?.aborted) throw new TidegateError('cancelled', `${name} was not started: cancelled.`);
  const started = performance.now();
  const file = options.stdout ? await open(options.stdout.file, 'w') : undefined;
  try {
    const said = new StderrLines(options.onLine);
    const output: Output = { stdout: [], stderr: [] };
    const end = await runChild(path, argv, options, file, said, output);
    const result = {
      stdout: Buffer.concat(output.stdout).toString('utf8'),
      stderr: options.wholeStderr ? Buffer.concat(output.stderr).toString('utf8') : said.tail,
      milliseconds: Math.round(performance.now() - started),
    };
    return await answer(name, path, end, result, said.tail, options);
  } finally {
    await file?.close();
  }
};

async function runChild(
  path: string,
  argv: readonly string[],
  options: RunOptions,
  file: FileHandle | undefined,
  said: StderrLines,
  output: Output,
): Promise<End> {
  const child = spawn(path, argv, {
    cwd: options.context.cwd,
    env: { ...options.context.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', file ? file.fd : 'pipe', 'pipe'],
    // Use a separate process group, so that all its child processes end with it.
    detached: true,
    windowsHide: true,
  });
  let resolve!: (end: End) => void;
  const ended = new Promise<End>((settle) => {
    resolve = settle;
  });
  let forced: End | undefined;
  const timers: NodeJS.Timeout[] = [];
  const kill = (why: End): void => {
    if (forced || child.pid === undefined) return;
    forced = why;
    const { pid } = child;
    signalGroup(pid, 'SIGTERM');
    timers.push(setTimeout(() => release(child, pid), GRACE));
  };
  const onAbort = (): void => kill({ kind: 'aborted' });
  const onProcessExit = (): void => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  };

  child.on('error', (cause) => {
    if (child.pid === undefined) resolve({ kind: 'no-start', cause });
  });
  child.on('exit', () => {
    timers.push(setTimeout(() => kill({ kind: 'left-behind' }), GRACE));
  });
  // `close` follows `exit` after the pipes have ended: all output has been received then.
  child.on('close', (code, signal) => {
    if (forced) resolve(forced);
    else if (signal) resolve({ kind: 'signal', signal });
    else resolve({ kind: 'exit', code: code ?? -1 });
  });
  // A child may exit without reading all its input; its exit status decides.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.stdin);
  const keeping = (kept: Buffer[]) => {
    let size = 0;
    return (chunk: Buffer) => {
      size += chunk.length;
      if (size > (options.maxOutput ?? DEFAULT_OUTPUT)) kill({ kind: 'too-much' });
      else kept.push(chunk);
    };
  };
  child.stdout?.on('data', keeping(output.stdout));
  if (options.wholeStderr) child.stderr?.on('data', keeping(output.stderr));
  child.stderr?.on('data', (chunk: Buffer) => said.write(chunk));

  timers.push(setTimeout(() => kill({ kind: 'timeout' }), options.timeout));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  process.on('exit', onProcessExit);
  try {
    const end = await ended;
    said.end();
    return end;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    process.off('exit', onProcessExit);
  }
}

/** Kill the child and close its pipes: a grandchild that left the group could keep them open forever. */
function release(child: ChildProcess, pid: number): void {
  signalGroup(pid, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

async function answer(
  name: string,
  path: string,
  end: End,
  result: Omit<RunResult, 'exitCode'>,
  tail: string,
  options: RunOptions,
): Promise<RunResult> {
  if (end.kind === 'exit' && (options.answers ?? [0]).includes(end.code)) return { exitCode: end.code, ...result };
  if (end.kind === 'aborted') throw new TidegateError('cancelled', `${name} was stopped: cancelled.`);
  if (end.kind === 'no-start') throw await noStart(name, path, end.cause, options.context.cwd);
  const last = lastLines(tail);
  const message = `${name} ${how(end, options)}${last === '' ? ', without output' : `. Last output:\n${last}`}`;
  throw new TidegateError('tool-failed', message, { next: next(end) });
}

function how(end: Exclude<End, { kind: 'aborted' | 'no-start' }>, options: RunOptions): string {
  switch (end.kind) {
    case 'exit':
      return `exited with code ${end.code}`;
    case 'signal':
      return `was killed by ${end.signal}`;
    case 'timeout':
      return `did not finish within ${options.timeout / 1000} s and was stopped`;
    case 'too-much':
      return `printed more than ${options.maxOutput ?? DEFAULT_OUTPUT} bytes and was stopped`;
    case 'left-behind':
      return 'ended but left a process behind that kept its output open, so the output may be incomplete';
  }
}

function next(end: End): string {
  if (end.kind === 'signal' && end.signal === 'SIGKILL') return 'Check whether the machine ran out of memory.';
  if (end.kind === 'timeout') return 'Check its output above for what it waited for, or increase the timeout.';
  return 'Check its output above.';
}

/** spawn reports ENOENT for a missing program, a missing interpreter and a missing working folder alike. */
async function noStart(name: string, path: string, cause: Error, cwd: string): Promise<TidegateError> {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    const isFolder = await stat(cwd).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) {
      return new TidegateError('tool-not-started', `${name} could not start: its folder ${cwd} does not exist.`, {
        next: 'Set a folder that exists.',
        cause,
      });
    }
  }
  const why: Record<string, string> = {
    ENOENT: `${path} does not exist, or its interpreter does not`,
    EACCES: `${path} is not executable`,
    ENOEXEC: `${path} is not a program for this machine`,
  };
  return new TidegateError('tool-not-started', `${name} could not start: ${why[code ?? ''] ?? messageOf(cause)}.`, {
    next: `Set the path of an executable ${name} for this machine, or remove it to use the pinned one.`,
    cause,
  });
}
