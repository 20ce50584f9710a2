import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { childContexts, createGit, type GitCommand, run } from '@tidegate/tools';

/** What git tells about the checkout. */
export interface Checkout {
  /** Committer date of `sha`; undefined where there is no checkout, no git, or no such commit in it. */
  commitTime(sha: string): Promise<Date | undefined>;
  /** Every tag; undefined where the history is shallow, because a shallow fetch brings only some of them. */
  tags(): Promise<readonly string[] | undefined>;
}

const TIMEOUT = 30_000;

interface CheckoutOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly temp: string;
  readonly signal: AbortSignal;
}

export function checkoutAt({ folder, env, temp, signal }: CheckoutOptions): Checkout {
  const git = async (command: GitCommand, ...argv: string[]): Promise<string | undefined> => {
    const own = await mkdtemp(join(temp, 'tidegate-git-'));
    try {
      const ask = createGit(run, childContexts({ env, folder: own, workspace: folder }));
      return (await ask(command, argv, { folder, timeout: TIMEOUT, signal })).stdout;
    } catch {
      if (signal.aborted) throw signal.reason;
      // No git, no checkout, no such object: all of them mean that the checkout does not know.
      return undefined;
    } finally {
      await rm(own, { recursive: true, force: true });
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
