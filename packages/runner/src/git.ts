import { rm } from 'node:fs/promises';
import { type Known, known, together, unknown } from '@tidegate/core';
import { childContexts, createGit, type GitCommand, run, temporaryFolder } from '@tidegate/tools';

/** The state of the checkout, read with git. */
export interface Checkout {
  /**
   * The commit that is checked out in the folder, or in one above it: `top` is that folder. Undefined without a
   * checkout, without git, or without a commit.
   */
  head(): Promise<{ readonly commit: string; readonly top: string } | undefined>;
  /** Committer date of `sha`; undefined without a checkout, without git, or if the commit is not in it. */
  commitTime(sha: string): Promise<Date | undefined>;
  /**
   * Every tag. Unknown if the history is shallow, because a shallow fetch brings only some of them, and if the checkout
   * is of another commit than `sha`: a self-hosted runner may keep an earlier job's.
   */
  tags(sha: string): Promise<Known<readonly string[]>>;
}

const TIMEOUT = 30_000;

/** Undefined: git has no answer. */
type Answer = string | undefined;

interface CheckoutOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly temp: string;
  readonly signal: AbortSignal;
}

export function checkoutAt({ folder, env, temp, signal }: CheckoutOptions): Checkout {
  const git = async (command: GitCommand, ...argv: string[]): Promise<string | undefined> => {
    const own = await temporaryFolder(temp, 'tidegate-git-');
    try {
      const ask = createGit(run, childContexts({ env, folder: own, workspace: folder }));
      return (await ask(command, argv, { folder, timeout: TIMEOUT, signal })).stdout;
    } catch {
      if (signal.aborted) throw signal.reason;
      // No git, no checkout, no such object: in all cases the checkout has no answer.
      return undefined;
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  };
  return {
    async head() {
      const [, top, commit] =
        /^(.+)\n([0-9a-f]+)\n$/.exec((await git('rev-parse', '--show-toplevel', 'HEAD')) ?? '') ?? [];
      return top && commit ? { top, commit } : undefined;
    },
    async commitTime(sha) {
      const commit = await git('cat-file', 'commit', sha);
      const [, seconds] = /^committer .*> (\d{1,12}) [+-]\d{4}$/m.exec(commit ?? '') ?? [];
      return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
    },
    async tags(sha) {
      const [head, shallow, listed] = await together<[Answer, Answer, Answer]>(signal, () => [
        git('rev-parse', '--verify', 'HEAD^{commit}'),
        git('rev-parse', '--is-shallow-repository'),
        git('for-each-ref', '--format=%(refname:strip=2)', 'refs/tags'),
      ]);
      if (head?.trim() !== sha) return unknown('there is no checkout of this commit');
      if (shallow?.trim() !== 'false') return unknown('the checkout is shallow (fetch-depth: 0 fetches everything)');
      return listed === undefined
        ? unknown('git cannot list the tags')
        : known(listed.split('\n').filter((tag) => tag !== ''));
    },
  };
}
