import { execFile } from 'node:child_process';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a third-party client in its own environment. Any exit code is a valid result. */
export function ask(program: string, ...argv: readonly string[]): Promise<Answer> {
  return askWith({}, '/', program, ...argv);
}

export function askWith(
  more: Readonly<Record<string, string>>,
  cwd: string,
  program: string,
  ...argv: readonly string[]
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', ...more };
    execFile(program, argv, { env, cwd, maxBuffer: 64 << 20, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error);
    });
  });
}
