import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Caller extends AsyncDisposable {
  /** The work tree. */
  readonly folder: string;
  readonly sha: string;
  /** An empty folder that goes with it. */
  temp(name: string): Promise<string>;
}

/** The workflow that a user of the reusable workflow writes. */
export interface CallerWorkflow {
  readonly uses: string;
  readonly with: Readonly<Record<string, string | boolean>>;
  /** Name of the secret there, to the name of the secret here; or all of them. */
  readonly secrets: Readonly<Record<string, string>> | 'inherit';
  /** Calls it once for each, with these inputs besides. Default: once. */
  readonly variants?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A job that is run before it. */
  readonly needs?: string | undefined;
  /** Jobs besides, as they are in the workflow. */
  readonly jobs?: Readonly<Record<string, unknown>> | undefined;
}

/** A repository of someone who calls the reusable workflow: one commit with these files and the workflow, under these git tags. */
export async function makeCaller(
  files: Readonly<Record<string, string | Buffer>>,
  workflow: CallerWorkflow,
  tags: readonly string[] = [],
): Promise<Caller> {
  const base = await mkdtemp(join(tmpdir(), 'caller-'));
  const folder = join(base, 'app');
  const passed = ([to, from]: readonly [string, string]) => [to, `\${{ secrets.${from} }}`];
  const jobs = Object.entries(workflow.variants ?? { image: {} }).map(([id, inputs]) => [
    id,
    {
      name: id,
      uses: workflow.uses,
      needs: workflow.needs,
      with: { ...workflow.with, ...inputs },
      secrets:
        workflow.secrets === 'inherit' ? 'inherit' : Object.fromEntries(Object.entries(workflow.secrets).map(passed)),
    },
  ]);
  const on = ['push', 'pull_request', 'schedule', 'workflow_dispatch'];
  const ship = { name: 'Ship', on, jobs: { ...Object.fromEntries(jobs), ...workflow.jobs } };
  for (const [path, content] of Object.entries({ ...files, '.github/workflows/ship.yml': JSON.stringify(ship) })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // Files that were read as bytes may be programs.
    await writeFile(join(folder, path), content, { mode: typeof content === 'string' ? 0o644 : 0o755 });
  }
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Start');
  for (const tag of tags) git('tag', tag);
  return {
    folder,
    sha: git('rev-parse', 'HEAD'),
    async temp(name) {
      const temp = join(base, name);
      await mkdir(temp, { recursive: true });
      return temp;
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };

  function git(...args: string[]): string {
    // Neither the machine's git configuration nor the time of day changes what is committed.
    const who = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z' };
    const env = {
      ...{ PATH: process.env.PATH ?? '', HOME: base, GIT_CONFIG_NOSYSTEM: '1', ...who },
      ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.com', GIT_COMMITTER_DATE: who.GIT_AUTHOR_DATE },
    };
    return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
  }
}
