import { hasKind, type Known, known, unknown } from '@tidegate/core';
import { createGit, type GitCommand } from '@tidegate/tools';
import type { Services } from '../services.ts';

const TIMEOUT = 60_000;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const NO_COMMIT = /^0+$/;

/** The history of a checkout. */
export interface History {
  /**
   * Paths that differ between two commits, relative to the top of the repository. Unknown without the trees of both:
   * a shallow clone has only the newest.
   */
  changed(from: string, to: string): Promise<Known<readonly string[]>>;
  /** Whether `ancestor` is in the history of `commit`. Unknown in a shallow clone. */
  contains(commit: string, ancestor: string): Promise<Known<boolean>>;
  /** The newest commit that both have. */
  mergeBase(one: string, other: string): Promise<Known<string>>;
}

/** @param folder the top of the work tree */
export function historyAt(folder: string, services: Pick<Services, 'run' | 'children' | 'signal'>): History {
  const git = createGit(services.run, services.children);
  const { signal } = services;
  const ask = async (command: GitCommand, argv: readonly string[]) => {
    try {
      return await git(command, argv, { folder, timeout: TIMEOUT, signal, answers: [0, 1, 128] });
    } catch (error) {
      if (!hasKind(error, 'tool') || signal.aborted) throw error;
      return { exitCode: 128, stdout: '' };
    }
  };
  const isCommit = async (id: string) =>
    COMMIT.test(id) && !NO_COMMIT.test(id) && (await ask('cat-file', ['-e', `${id}^{commit}`])).exitCode === 0;
  const missing = (id: string) =>
    unknown(
      NO_COMMIT.test(id) || id === ''
        ? 'the event names no commit to compare with'
        : `commit ${id.slice(0, 12)} is not in the checkout (fetch-depth: 0 fetches everything)`,
    );
  return {
    async changed(from, to) {
      for (const id of [from, to]) if (!(await isCommit(id))) return missing(id);
      const { exitCode, stdout } = await ask('diff-tree', [
        ...['-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'],
        ...[from, to, '--'],
      ]);
      if (exitCode !== 0) return unknown('the trees of the commits are not in the checkout (no filter: tree:0)');
      return known(stdout.split('\0').filter((path) => path !== ''));
    },
    async contains(commit, ancestor) {
      for (const id of [commit, ancestor]) if (!(await isCommit(id))) return missing(id);
      const { exitCode } = await ask('merge-base', ['--is-ancestor', ancestor, commit]);
      return exitCode > 1 ? unknown('git cannot compare the commits') : known(exitCode === 0);
    },
    async mergeBase(one, other) {
      for (const id of [one, other]) if (!(await isCommit(id))) return missing(id);
      const { exitCode, stdout } = await ask('merge-base', [one, other]);
      const base = stdout.trim();
      return exitCode === 0 && COMMIT.test(base) ? known(base) : unknown('the branches have no common commit here');
    },
  };
}
