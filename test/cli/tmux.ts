import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureDebianPackages } from '@tidegate/testkit';

const exec = promisify(execFile);
const PROMPT = '$';
const SIZE = ['-x', '110', '-y', '200'];

/** A shell in a real terminal. */
export interface Session extends AsyncDisposable {
  /** Type a line, and wait until the prompt is back. */
  type(line: string, timeout?: number): Promise<void>;
  /** All that the terminal shows; with colors, as SGR sequences. */
  screen(colors?: boolean): Promise<string>;
}

/** @param env the whole environment of the shell */
export async function startTmux(folder: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Session> {
  await ensureDebianPackages(['tmux']);
  const socket = join(folder, 'tmux');
  const tmux = async (...argv: string[]) =>
    (await exec('tmux', ['-S', socket, '-f', '/dev/null', ...argv], { env: { ...process.env, TMUX: '' } })).stdout;
  const variables = Object.entries({ ...env, PS1: `${PROMPT} ` }).map(([name, value]) => `${name}=${value}`);
  await tmux('new-session', '-d', ...SIZE, '-c', cwd, 'env', '-i', ...variables, 'TERM=screen-256color', 'sh');
  const screen = (colors = false) => tmux('capture-pane', '-p', '-J', ...(colors ? ['-e'] : []), '-S', '-');
  const isReady = async () => (await screen()).trimEnd().split('\n').at(-1) === PROMPT;
  const settle = async (timeout: number) => {
    const until = performance.now() + timeout;
    while (!(await isReady())) {
      if (performance.now() > until) throw new Error(`The terminal shows no prompt:\n${await screen()}`);
      await after(100);
    }
  };
  await settle(10_000);
  return {
    screen,
    async type(line, timeout = 240_000) {
      await tmux('send-keys', '-l', line);
      await tmux('send-keys', 'Enter');
      await after(200);
      await settle(timeout);
    },
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => {});
    },
  };
}
