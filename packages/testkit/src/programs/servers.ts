import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { killWithUs } from '../processes.ts';
import { developerEnvironment } from './developer.ts';

const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;
const MAX_PRINTED = 1024 * 1024;

/** Child processes that end with this one. */
export class Servers {
  readonly #children: { readonly name: string; readonly child: ChildProcess }[] = [];
  #printed = '';

  get printed(): string {
    return this.#printed;
  }

  start(program: string, argv: readonly string[], extra: Readonly<Record<string, string>> = {}): void {
    const env = developerEnvironment(extra);
    const name = basename(program);
    const child = spawn(program, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push({ name, child });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        if (this.#printed.length < MAX_PRINTED) this.#printed += `${name}: ${bytes.toString('utf8')}`;
      });
    }
    killWithUs(child);
    child.once('error', (error) => {
      this.#printed += `${name}: ${error.message}\n`;
    });
  }

  /** Waits until `url` answers with 200. */
  answers(url: string): Promise<void> {
    return this.until(`${url} answers`, async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.body?.cancel();
      return response.status === 200;
    });
  }

  /** Waits until `isReady`; an error of it is a no. */
  async until(what: string, isReady: () => Promise<boolean>, patience = PATIENCE_MS): Promise<void> {
    const end = performance.now() + patience;
    for (;;) {
      const dead = this.#children.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (dead) throw new Error(`${dead.name} ended before ${what}:\n${this.#printed}`);
      let why = 'no';
      const ready = await isReady().catch((error: unknown) => {
        why = error instanceof Error ? error.message : String(error);
        return false;
      });
      if (ready) return;
      if (performance.now() > end) throw new Error(`Not within ${patience} ms: ${what} (${why}):\n${this.#printed}`);
      await after(20);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async ({ child }) => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        // They have nothing that needs a clean shutdown: the folder is deleted with them.
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }
}

/** Different ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = createServer();
      holder.listen(0, HOST);
      await once(holder, 'listening');
      return holder;
    }),
  );
  return Promise.all(
    holders.map(async (holder) => {
      const address = holder.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      holder.close();
      await once(holder, 'close');
      return address.port;
    }),
  );
}
