import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type BundleResult, type BundleRun, runBundle } from '@tidegate/testkit';
import type { Suite } from './suite.ts';

const exec = promisify(execFile);

export interface JobOptions {
  /** The program in the commit. */
  readonly app?: keyof Suite['apps'];
  /** `v1.2.3` is a push of that tag; the default is a push to main. */
  readonly tag?: string;
  /** Additional files of the commit, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** RUNNER_TEMP of an earlier job, copied with the files of its steps. */
  readonly after?: Job;
}

type More = Omit<BundleRun, 'action' | 'inputs' | 'temp' | 'workspace'>;

/** One job on a runner: its steps share its RUNNER_TEMP and its workspace, a checkout of one commit. */
export interface Job {
  readonly temp: string;
  readonly workspace: string;
  /** RUNNER_TOOL_CACHE, which a self-hosted runner keeps from job to job; here each job has its own. */
  readonly toolCache: string;
  readonly sha: string;
  /** Run a step. Sets tools, database and key, unless `inputs` overrides them. */
  run(action: ActionName, inputs?: Readonly<Record<string, string>>, more?: More): Promise<BundleResult>;
}

export type ActionName =
  | 'plan'
  | 'lint-source'
  | 'build-image'
  | 'join-layouts'
  | 'generate-sbom'
  | 'scan-image'
  | 'sign-image'
  | 'sign-checked'
  | 'push-image'
  | 'read-baseline'
  | 'serve-layout'
  | 'test-image'
  | 'verify-image'
  | 'pin-manifests'
  | 'ship';

/** The inputs under `with:` of a workflow on this machine, by action: nothing here connects one step to another. */
function usualInputs(action: ActionName, suite: Suite, key: string): Record<string, string> {
  const { tools } = suite;
  const database = { 'db-mirror': suite.databases.fresh, 'db-cache': join(suite.folder, 'db-cache') };
  switch (action) {
    case 'build-image':
    case 'lint-source':
    case 'generate-sbom':
      return { tools };
    case 'scan-image':
      return { tools, ...database };
    case 'sign-image':
      return { key };
    case 'ship':
      return { tools, ...database, key };
    default:
      return {};
  }
}

export async function newJob(suite: Suite, options: JobOptions = {}): Promise<Job> {
  const folder = await mkdtemp(join(suite.folder, 'job-'));
  const [temp, workspace, toolCache] = [join(folder, 'temp'), join(folder, 'workspace'), join(folder, 'tool-cache')];
  const key = await readFile(suite.key.private, 'utf8');
  if (options.after) await cp(options.after.temp, temp, { recursive: true });
  else await mkdir(temp, { recursive: true });
  const sha = await checkOut(suite.apps[options.app ?? 'sound'], workspace, options.tag, options.files);
  const ref: Record<string, string> = options.tag
    ? { GITHUB_REF: `refs/tags/${options.tag}`, GITHUB_REF_NAME: options.tag, GITHUB_REF_TYPE: 'tag' }
    : {};
  return {
    temp,
    workspace,
    toolCache,
    sha,
    run: (action, inputs = {}, more = {}) =>
      runBundle({
        event: { repository: { default_branch: 'main' } },
        ...more,
        action: suite.actions ? join(suite.actions, action, 'action.yml') : action,
        inputs: { ...usualInputs(action, suite, key), ...inputs },
        env: { GITHUB_SHA: sha, ...ref, RUNNER_TOOL_CACHE: toolCache, BUILDKIT_HOST: suite.buildkit, ...more.env },
        temp,
        workspace,
      }),
  };
}

/** The result of actions/checkout: a repository at one commit. Fixed dates make its hash fixed, too. */
async function checkOut(
  app: string,
  workspace: string,
  tag: string | undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  await cp(app, workspace, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
  const when = '2026-11-01T12:00:00Z';
  const author = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_AUTHOR_DATE: when };
  const committer = { GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_COMMITTER_DATE: when };
  const own = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const env = { PATH: process.env.PATH, ...own, ...author, ...committer };
  const git = async (...argv: string[]) => (await exec('git', argv, { cwd: workspace, env })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  // Files compiled by an earlier step are not in the commit.
  await git('--literal-pathspecs', 'add', '--force', '--', 'Dockerfile', 'nameless', ...Object.keys(files));
  await git('commit', '--quiet', '--message=Say hello');
  if (tag) await git('tag', tag);
  return git('rev-parse', 'HEAD');
}

/** The result of a successful step, or an error with its log. */
export async function succeeded(step: Promise<BundleResult>): Promise<BundleResult> {
  const result = await step;
  if (result.exitCode === 0) return result;
  throw new Error(`${result.of.action} ended with ${result.exitCode ?? result.signal}:\n${result.log.join('\n')}`);
}

export async function leave(job: Job): Promise<void> {
  await rm(join(job.temp, '..'), { recursive: true, force: true });
}
