import { spawn } from 'node:child_process';

interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer. Default `[0]`. */
  readonly answers?: readonly number[];
}

/** Run a program of this machine. @returns what it printed on stdout. */
export type Command = (program: string, argv: readonly string[], options?: CommandOptions) => Promise<string>;

/** Programs that end when `signal` does; each line they say on stderr goes to `onLine`. */
export function commandRunner(signal: AbortSignal, onLine: (line: string) => void = () => {}): Command {
  return async (program, argv, options = {}) => {
    const child = spawn(program, argv, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    const out: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-16_384);
      for (const line of text.split('\n')) if (line.trim() !== '') onLine(line.trim());
    });
    const exit = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, name) => resolve(code ?? name ?? 'nothing'));
    });
    const text = Buffer.concat(out).toString('utf8');
    if ((options.answers ?? [0]).some((answer) => answer === exit)) return text;
    throw new Error(
      `${program} ${argv.find((word) => !word.startsWith('-')) ?? ''} ended with ${exit}.\n${said.trim()}`,
    );
  };
}

/** Whether a program is to be found in PATH. */
export async function have(program: string, command: Command): Promise<boolean> {
  return command('sh', ['-c', 'command -v "$1"', 'sh', program]).then(
    () => true,
    () => false,
  );
}
