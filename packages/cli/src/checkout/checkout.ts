import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { TidegateError, together } from '@tidegate/core';
import { type ChildContexts, childContexts, createGit, type GitCommand, run, temporaryFolder } from '@tidegate/tools';
import { changedPaths } from './changes.ts';

/** The checkout of a developer, read with git. */
export interface LocalCheckout {
  /** The folder of the work tree. */
  readonly top: string;
  readonly commit: string;
  /** `refs/heads/…` of the branch that is checked out; undefined if HEAD is detached. */
  readonly branch: string | undefined;
  /** `refs/tags/…` of the tags that name the commit. */
  readonly tags: readonly string[];
  /** URL of the remote `origin`. */
  readonly origin: string | undefined;
  /** Default branch of `origin`, as of the last clone or `git remote set-head`. */
  readonly defaultBranch: string | undefined;
  /** Paths that differ from the commit, without those that git ignores. */
  readonly changed: readonly string[];
}

const TIMEOUT = 60_000;

/** Undefined: git has no answer. */
type Answer = string | undefined;

/**
 * Starts no program that the checkout names.
 * @returns undefined if the folder is in no checkout, or the checkout has no commit yet
 * @throws TidegateError `checkout-not-trusted` if the checkout belongs to another user
 */
export async function readCheckout(
  folder: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<LocalCheckout | undefined> {
  const temp = await temporaryFolder(tmpdir(), 'tidegate-git-');
  try {
    const children = childContexts({ env, folder: temp, workspace: folder });
    const asker = (safe: readonly string[]) => {
      const git = createGit(run, children, safe);
      return async (at: string, command: GitCommand, ...argv: string[]) => {
        try {
          return (await git(command, argv, { folder: at, timeout: TIMEOUT, signal })).stdout;
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          if (error instanceof TidegateError && error.id === 'checkout-not-trusted') throw error;
          // No git, no checkout, no such ref or setting: in all cases there is no answer.
          return undefined;
        }
      };
    };
    const askAt = asker(await safeFolders(children, temp, signal));
    const ask = (command: GitCommand, ...argv: string[]) => askAt(folder, command, ...argv);
    const top = (await ask('rev-parse', '--show-toplevel'))?.replace(/\n$/, '');
    if (!top) {
      const foreign = (await asker(['*'])(folder, 'rev-parse', '--show-toplevel'))?.replace(/\n$/, '');
      if (foreign) throw notTrusted(foreign);
    }
    const commit = (await ask('rev-parse', '--verify', 'HEAD^{commit}'))?.trim();
    if (!top || !commit) return undefined;
    const [branch, tags, origin, head, changed] = await together<
      [Answer, Answer, Answer, Answer, readonly string[] | undefined]
    >(signal, () => [
      ask('rev-parse', '--symbolic-full-name', 'HEAD'),
      ask('for-each-ref', '--points-at', 'HEAD', '--format=%(refname)', 'refs/tags'),
      ask('config', '--get', 'remote.origin.url'),
      ask('rev-parse', '--symbolic-full-name', 'refs/remotes/origin/HEAD'),
      changedPaths(askAt, top),
    ]);
    if (changed === undefined) return undefined;
    return {
      top,
      commit,
      branch: branch?.startsWith('refs/heads/') ? branch.trim() : undefined,
      tags: (tags ?? '').split('\n').filter((tag) => tag !== ''),
      origin: origin?.trim() || undefined,
      defaultBranch: /^refs\/remotes\/origin\/(.+)\n$/.exec(head ?? '')?.[1],
      changed,
    };
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

/**
 * The user's own values of `safe.directory`. Only these files may contain it; git reads neither for a repository here.
 */
async function safeFolders(children: ChildContexts, temp: string, signal: AbortSignal): Promise<readonly string[]> {
  const git = createGit(run, children, []);
  const read = async (file: '--system' | '--global') => {
    const argv = [file, '--includes', '--null', '--get-all', 'safe.directory'];
    try {
      // With a protocol, git has the user's HOME.
      const { stdout } = await git('config', argv, { folder: temp, protocols: ['https'], timeout: TIMEOUT, signal });
      return stdout.split('\0').slice(0, -1);
    } catch {
      if (signal.aborted) throw signal.reason;
      return [];
    }
  };
  return [...(await read('--system')), ...(await read('--global'))];
}

function notTrusted(top: string): TidegateError {
  return new TidegateError(
    'checkout-not-trusted',
    `${JSON.stringify(top)} belongs to another user, whose git settings could start programs.`,
    { next: 'Clone the repository yourself, or trust its owner: git config --global --add safe.directory FOLDER.' },
  );
}
