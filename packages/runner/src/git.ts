import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What git tells about the checkout. Only plumbing commands: they run no pager, hook, alias or gpg of its configuration. */
export interface Checkout {
  /** Committer date of `sha`; undefined where there is no checkout, no git, or no such commit in it. */
  commitTime(sha: string): Promise<Date | undefined>;
  /** Every tag; undefined where the history is shallow, because a shallow fetch brings only some of them. */
  tags(): Promise<readonly string[] | undefined>;
}

/** Where git and its configuration are. The job's tokens and the user's own secrets are nothing it needs. */
const PASSED = ['PATH', 'HOME', 'XDG_CONFIG_HOME'] as const;

function gitEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export function checkoutAt(folder: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Checkout {
  // `safe.directory`: in a container the workspace belongs to another user, and this reads without trusting anything.
  const options = {
    cwd: folder,
    env: { ...gitEnvironment(env), GIT_TERMINAL_PROMPT: '0' },
    signal,
    timeout: 30_000,
    maxBuffer: 64 << 20,
  };
  const git = async (...argv: string[]): Promise<string | undefined> => {
    try {
      return (await run('git', ['-c', `safe.directory=${folder}`, ...argv], options)).stdout;
    } catch {
      if (signal.aborted) throw signal.reason;
      // No git, no checkout, no such object: all of them mean that the checkout does not know.
      return undefined;
    }
  };
  return {
    async commitTime(sha) {
      const commit = await git('cat-file', 'commit', sha);
      const [, seconds] = /^committer .*> (\d{1,12}) [+-]\d{4}$/m.exec(commit ?? '') ?? [];
      return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
    },
    async tags() {
      const [shallow, listed] = await Promise.all([
        git('rev-parse', '--is-shallow-repository'),
        git('for-each-ref', '--format=%(refname:strip=2)', 'refs/tags'),
      ]);
      if (shallow?.trim() !== 'false') return undefined;
      return listed?.split('\n').filter((tag) => tag !== '');
    },
  };
}
