import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from '@tidegate/testkit';

export interface StandInHost extends AsyncDisposable {
  /** For the steps: where the host listens. */
  readonly env: { readonly STAND_INS: string };
}

/** The process that runs the steps of stand-ins. */
export async function startStandIns(): Promise<StandInHost> {
  const folder = await mkdtemp(join(tmpdir(), 'stand-ins-'));
  const socket = join(folder, 'socket');
  const host = fork(fileURLToPath(new URL('host.ts', import.meta.url)), [socket], {
    execPath: node24(),
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await once(host, 'message');
  return {
    env: { STAND_INS: socket },
    async [Symbol.asyncDispose]() {
      const exit = once(host, 'exit');
      host.disconnect();
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
