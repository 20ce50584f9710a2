import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleResult, parseCommand, runBundle, runPost } from '@tidegate/testkit';
import type { Commit } from './repository.ts';
import type { Screen } from './screen.ts';

export interface DemoJob {
  readonly repository: string;
  readonly folder: string;
  readonly temp: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Print the step's log, line by line. */
  readonly verbose: boolean;
}

const HALF_AN_HOUR = 30 * 60_000;

/** Run the root action's bundle for the push of a tag, its post step too, as a runner does for a job of its own. */
export async function runJob(job: DemoJob, commit: Commit, screen: Screen): Promise<BundleResult> {
  const temp = await mkdtemp(join(job.temp, 'runner-'));
  let kill: ((signal: NodeJS.Signals) => void) | undefined;
  // Once: a second signal tells a step not to clean up.
  const cancel = () => {
    kill?.('SIGINT');
    kill = () => {};
  };
  job.signal.addEventListener('abort', cancel);
  try {
    const result = await screen.wait(`the root action, for the push of ${commit.tag}`, (say) => {
      let group = '';
      return runBundle({
        action: 'ship',
        inputs: job.inputs,
        workspace: job.folder,
        temp,
        timeout: HALF_AN_HOUR,
        event: pushOf(job, commit),
        env: { ...runnerVariables(job, commit), ...job.env },
        onLine(line, stop) {
          kill ??= stop;
          if (job.signal.aborted) cancel();
          const command = parseCommand(line);
          if (job.verbose && command?.name !== 'add-mask') screen.quote(line);
          if (command?.name === 'group') group = `${command.text}: `;
          else if (command?.name === 'endgroup') group = '';
          if (command === undefined || command.name === 'group') say(`${group}${command ? '' : line}`);
        },
      });
    });
    // BuildKit is stopped here, however the main step ended.
    const post = await runPost(result);
    if (post && post.exitCode !== 0)
      throw new Error(`The post step ended with ${post.exitCode}:\n${post.log.join('\n')}`);
    job.signal.throwIfAborted();
    return result;
  } finally {
    job.signal.removeEventListener('abort', cancel);
  }
}

function runnerVariables({ repository }: DemoJob, { sha, tag }: Commit): Record<string, string> {
  const [owner = ''] = repository.split('/');
  return {
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_REF: `refs/tags/${tag}`,
    GITHUB_REF_NAME: tag,
    GITHUB_REF_TYPE: 'tag',
    GITHUB_SHA: sha,
    GITHUB_WORKFLOW: 'Image',
    GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/image.yml@refs/tags/${tag}`,
    GITHUB_ACTOR: 'ada',
  };
}

function pushOf({ repository }: DemoJob, { sha, tag, date }: Commit): Record<string, unknown> {
  return {
    ref: `refs/tags/${tag}`,
    after: sha,
    repository: { full_name: repository, default_branch: 'main' },
    head_commit: { id: sha, timestamp: date },
  };
}
