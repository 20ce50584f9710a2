import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { childContexts, type Daemon, endDaemon, startDaemon } from '@tidegate/tools';
import { jobProcess } from './job-process.ts';
import { AS_SERVER, type Serving, type Started } from './server.ts';

const STATE = 'layout-server';
/** In milliseconds. */
const START_WITHIN = 30_000;

/**
 * Start the registry in a process that outlives this step. `stopServer` stops it.
 * @returns `127.0.0.1:port`
 */
export async function startServer(serving: Omit<Serving, 'job'>, job: Job): Promise<string> {
  const folder = await mkdtemp(join(job.temp, 'tidegate-serve-'));
  const file = join(folder, 'serving.json');
  const whole: Serving = { ...serving, job: await jobProcess(process.ppid) };
  await writeFile(file, JSON.stringify(whole), { mode: 0o600 });
  const children = childContexts({ env: job.env, folder, workspace: job.workspace });
  // By this variable the runner finds processes that a job left behind.
  const context = await children.create({ also: ['RUNNER_TRACKING_ID'] });
  const message = await startDaemon({
    argv: [process.argv[1] ?? '', AS_SERVER, file],
    context,
    logFile: join(folder, 'log'),
    timeout: START_WITHIN,
    signal: job.signal,
    onStart: (pid) => job.saveState(STATE, JSON.stringify({ pid, file, folder })),
  }).catch((cause: unknown) => {
    if (job.signal.aborted) throw job.signal.reason;
    throw notStarted(messageOf(cause), cause);
  });
  const { host, failed, isOther } = message as Started;
  if (isOther) throw new TidegateError('layout-of-other-image', `The layout changed during this step: ${failed}`);
  if (host === undefined) throw notStarted(failed ?? 'it sent no address', undefined);
  return host;
}

function notStarted(why: string, cause: unknown): TidegateError {
  return new TidegateError('serve-not-started', `The registry for the layout did not start: ${why}`, {
    next: 'Leave out the input port to use a free one, or check the reason above.',
    cause,
  });
}

/** The post step: stop the registry, however the main step ended. */
export async function stopServer(job: Job): Promise<void> {
  const saved = job.state(STATE);
  if (!saved) return;
  const { pid, file, folder } = JSON.parse(saved) as { pid: number; file: string; folder: string };
  const daemon: Daemon = { name: 'The registry', pid, mark: file };
  await endDaemon(daemon, job.log);
  await rm(folder, { recursive: true, force: true });
}
