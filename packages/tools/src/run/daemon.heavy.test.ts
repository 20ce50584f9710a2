import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Log } from '@tidegate/core';
import { childContexts } from './child-context.ts';
import { endDaemon, startDaemon } from './daemon.ts';

let folder: string;
const pids: number[] = [];
const said: string[] = [];
const note = (text: string) => void said.push(text);
const log = { debug: note, warning: note } as unknown as Log;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-daemon-'));
});
afterEach(async () => {
  for (const pid of pids.splice(0)) await endDaemon({ name: 'it', pid, mark: folder }, log);
  await rm(folder, { recursive: true });
  said.splice(0);
});

const commandLine = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

async function ended(pid: number): Promise<boolean> {
  for (const end = Date.now() + 10_000; Date.now() < end; await setTimeout(20)) {
    if ((await commandLine(pid)) === '') return true;
  }
  return false;
}

async function start(script: string, more: { timeout?: number; signal?: AbortSignal } = {}): Promise<unknown> {
  return startDaemon({
    argv: ['-e', script, folder],
    context: await childContexts({ env: {}, folder: join(folder, 'children'), workspace: '/none' }).create(),
    logFile: join(folder, 'log'),
    timeout: more.timeout ?? 20_000,
    signal: more.signal ?? new AbortController().signal,
    onStart: (pid) => pids.push(pid),
  });
}

const RUNS = 'setInterval(() => {}, 1e6);';

describe('a daemon', () => {
  test('says that it is ready, runs on, and is ended by whoever knows its pid and its mark', async () => {
    expect(await start(`process.send({ port: 7 }); ${RUNS}`)).toEqual({ port: 7 });
    const [pid = 0] = pids;
    await endDaemon({ name: 'it', pid, mark: 'another' }, log);
    expect(await commandLine(pid)).toContain(folder);
    await endDaemon({ name: 'it', pid, mark: folder }, log);
    expect(await commandLine(pid)).toBe('');
    expect(said).toEqual([expect.stringContaining('no longer running')]);
  });

  test('that ends, is killed or stays silent fails with the reason, and is gone', async () => {
    await expect(start(`console.error('no port'); process.exit(3)`)).rejects.toThrow(
      'it exited with code 3. Last output:\nno port',
    );
    await expect(start(`process.kill(process.pid, 'SIGKILL')`)).rejects.toThrow('it was killed by SIGKILL');
    await expect(start(RUNS, { timeout: 500 })).rejects.toThrow('it did not start within 0.5 s');
    await expect(start(RUNS, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    // A killed process ends when the kernel gets to it.
    for (const pid of pids) expect(await ended(pid)).toBe(true);
  });
});
