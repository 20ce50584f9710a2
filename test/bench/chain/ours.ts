import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runBundle } from '@tidegate/testkit';
import { type OwnTime, ownTime } from './own-time.ts';
import type { ChainRun } from './peers.ts';

const run = promisify(execFile);
const TIMELINE = new URL('timeline.mjs', import.meta.url).href;
/** BENCH_PROFILE=folder: each run of the action leaves a CPU profile there. */
const profiles = process.env.BENCH_PROFILE;

/** `tools` are the recorded ones, which note their times in `log`. */
export interface OursRun extends ChainRun {
  readonly log: string;
  readonly say: (line: string) => void;
}

export interface OursResult {
  readonly seconds: number;
  readonly own: OwnTime;
  /** In which none of its tools ran. */
  readonly ownSeconds: number;
  /** How often Syft cataloged an image. */
  readonly catalogs: number;
}

/** The shipped root action, as the runner runs it. */
export async function runOurs(given: OursRun): Promise<OursResult> {
  const { tools, folder, checkout, buildkit, registry, database, key, log, say } = given;
  const temp = await mkdtemp(join(folder, 'temp-'));
  const timeline = join(temp, 'timeline.json');
  await rm(log, { force: true });
  const head = (await run('git', ['rev-parse', 'HEAD'], { cwd: checkout.folder })).stdout.trim();
  const result = await runBundle({
    action: 'ship',
    temp,
    workspace: checkout.folder,
    event: { repository: { default_branch: 'main' } },
    eventName: 'push',
    env: {
      BUILDKIT_HOST: buildkit,
      GITHUB_REF: 'refs/tags/v1.0.0',
      GITHUB_SHA: head,
      GITHUB_REPOSITORY: 'acme/app',
      RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
      BENCH_TIMELINE: timeline,
      NODE_OPTIONS: `--import=${TIMELINE}${profiles ? ` --cpu-prof --cpu-prof-dir=${profiles}` : ''}`,
    },
    inputs: {
      image: `${registry}/acme/app`,
      tools,
      'build-contexts': checkout.contexts.join('\n'),
      'db-mirror': database,
      key,
      platforms: checkout.platforms.join(','),
    },
    timeout: 600_000,
  });
  const { began } = result;
  const ended = began + result.milliseconds;
  if (result.exitCode !== 0) throw new Error(`The root action failed:\n${result.log.join('\n')}`);
  if (process.env.BENCH_SPANS) await saySpans(log, began, ended, say);
  const own = await ownTime(timeline, log, began, ended);
  const catalogs = (await readFile(log, 'utf8')).split('\n').filter((line) => line.endsWith(' syft scan')).length;
  if (process.env.BENCH_LOG) say(result.log.join('\n'));
  await rm(temp, { recursive: true, force: true });
  const ownSeconds = (own.working + own.awaiting + own.other) / 1000;
  return { seconds: result.milliseconds / 1000, own, ownSeconds, catalogs };
}

/** When each tool ran. */
async function saySpans(log: string, began: number, ended: number, say: OursRun['say']): Promise<void> {
  const after = (seconds: string | undefined) => (Number(seconds) - began / 1000).toFixed(2);
  for (const line of (await readFile(log, 'utf8')).trim().split('\n')) {
    const [from, to, ...what] = line.split(' ');
    say(`  ${after(from)} to ${after(to)} s: ${what.join(' ')}`);
  }
  say(`  0 to ${((ended - began) / 1000).toFixed(2)} s: all`);
}
