/**
 * Runs a workflow with nektos/act, without containers: jobs and steps are processes of this machine. Tests what the
 * steps do and pass on. It proves nothing about permissions, trigger filters, concurrency, environments and timeouts,
 * which act does not apply: separate tests read those from the YAML.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { node24 } from '../runner/node24.ts';
import { type JobRun, readActLog, type StepRun } from './log.ts';

export interface WorkflowOptions {
  /** act's binary. */
  readonly act: string;
  /** Work tree of the calling repository; a git repository with the commit checked out. */
  readonly repository: string;
  /** The workflow, below `repository`. */
  readonly workflow: string;
  /** `owner/name` of the calling repository. */
  readonly repositoryName: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** `github.sha`. */
  readonly sha: string;
  /** `github.ref`, if the payload does not contain it. */
  readonly ref?: string;
  /** An empty folder for the home, the caches and the jobs' folders of this run. */
  readonly temp: string;
  /** `owner/repo@ref` to a folder. */
  readonly repositories?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Labels of `runs-on` that run on this machine. */
  readonly labels?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface WorkflowRun {
  readonly exit: number;
  readonly jobs: readonly JobRun[];
  /** act's whole output. */
  readonly log: string;
  /** The only job with that id. @throws if it did not run, or ran more than once. */
  job(id: string): JobRun;
  /** The only step with that id in the only job with that id. */
  step(job: string, step: string): StepRun;
  /**
   * Ids of the jobs that ran, in order; one for each leg of a matrix. Jobs that act skips (above all for an unknown
   * label) are missing.
   */
  readonly ran: readonly string[];
  /** Each step and its result, with the output of failed ones: for the message of a failing test. */
  story(): string;
}

/** The default labels of the reusable workflow. */
const LABELS = ['ubuntu-24.04', 'ubuntu-24.04-arm', 'ubuntu-latest'];

export async function runWorkflow(options: WorkflowOptions): Promise<WorkflowRun> {
  const home = join(options.temp, 'home');
  await mkdir(home, { recursive: true });
  const event = join(options.temp, 'event.json');
  await writeFile(event, JSON.stringify(options.payload));
  const ref = options.ref === undefined ? {} : { GITHUB_REF: options.ref };
  const env = { GITHUB_REPOSITORY: options.repositoryName, SHA_REF: options.sha, ...ref, ...options.env };
  const args = [
    ...[options.event, '--workflows', options.workflow, '--eventpath', event, '--json', '--rm'],
    ...['--no-cache-server', '--action-cache-path', join(options.temp, 'cache'), '--actor', 'octocat'],
    ...(options.labels ?? LABELS).flatMap((label) => ['--platform', `${label}=-self-hosted`]),
    ...pairs('--local-repository', options.repositories),
    ...pairs('--env', env),
    ...pairs('--secret', options.secrets),
  ];
  const child = spawn(options.act, args, {
    cwd: options.repository,
    // Nothing else of this process's environment, because act passes its own to every step. act also runs the first
    // `node` that it finds, whatever version an action requires.
    env: { PATH: [dirname(node24()), process.env.PATH].join(delimiter), HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exit] = (await once(child, 'close')) as [number | null];
  return readRun(exit ?? 1, Buffer.concat(chunks).toString('utf8'));
}

function readRun(exit: number, log: string): WorkflowRun {
  const jobs = readActLog(log);
  const job = (id: string) => only(jobs, id, 'job', log);
  return {
    ...{ exit, jobs, log, job, ran: jobs.map((one) => one.id) },
    step: (jobId, step) => only(job(jobId).steps, step, `step of ${jobId}`, log),
    story: () => [`exit ${exit}`, ...jobs.flatMap(tellJob), ...(jobs.length === 0 ? [tail(log)] : [])].join('\n'),
  };
}

function tellJob(job: JobRun): string[] {
  const steps = job.steps.map((step) => {
    const said = step.conclusion === 'success' ? '' : `\n${step.log.trimEnd().replace(/^/gm, '    ')}`;
    return `  ${step.name}: ${step.conclusion ?? 'never ended'}${said}`;
  });
  return [`${job.name}: ${job.conclusion ?? 'never ended'}`, ...steps];
}

function only<T extends { readonly id: string }>(all: readonly T[], id: string, what: string, log: string): T {
  const found = all.filter((one) => one.id === id);
  const [first] = found;
  if (first && found.length === 1) return first;
  throw new Error(
    `${what} ${id} ran ${found.length} times (ran: ${all.map((one) => one.id).join(', ')})\n${tail(log)}`,
  );
}

const tail = (log: string) => log.split('\n').slice(-40).join('\n');

function pairs(flag: string, values: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}
