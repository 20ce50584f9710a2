import { TidegateError } from '@tidegate/core';
import type { ChildContext, ChildContexts, ChildOptions } from './run/child-context.ts';
import type { Run, RunOptions, RunResult } from './toolbox/tool.ts';

/**
 * Git commands that never start a program configured by a repository: no filter, textconv, external diff, editor, pager
 * or signature check. `fetch` runs only in repositories that we created. `status` would run the clean filters of
 * `.git/config`, for instance of a checkout that was unpacked from an archive: createGit empties them, and excludes the
 * work trees of submodules, which have filters of their own.
 */
export type GitCommand =
  | 'cat-file'
  | 'config'
  | 'diff-tree'
  | 'fetch'
  | 'for-each-ref'
  | 'init'
  | 'ls-files'
  | 'merge-base'
  | 'rev-list'
  | 'rev-parse'
  | 'status';

/** Protocols that git may use. Other protocols run programs that a URL names. */
export type GitProtocol = 'https' | 'ssh' | 'file';

interface GitOptions extends Pick<RunOptions, 'timeout' | 'signal' | 'stdin' | 'stdout' | 'answers'> {
  /** The repository: a work tree, or a bare repository that we created. */
  readonly folder: string;
  readonly bare?: boolean | undefined;
  /** Protocols allowed for fetching. Default: none, not even for objects that a partial clone lacks. */
  readonly protocols?: readonly GitProtocol[];
}

export type Git = (command: GitCommand, argv: readonly string[], options: GitOptions) => Promise<RunResult>;

/**
 * Settings of a repository that name programs or other locations. Each is overridden on the command line, which has
 * priority over every file (git-config, "Scopes"). Aliases cannot be listed; the commands in GitCommand do not use them.
 * For `filter.*` see emptyFilters.
 */
const OVERRIDES: readonly (readonly [key: string, value: string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.editor', 'false'],
  ['core.alternateRefsCommand', ''],
  ['core.symlinks', 'false'],
  ['diff.external', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  // Treat a folder of the checkout that looks like a bare repository as a plain folder.
  ['safe.bareRepository', 'explicit'],
];

const ENVIRONMENT = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '',
  GIT_PAGER: 'cat',
  GIT_OPTIONAL_LOCKS: '0',
  // `refs/replace/*` of the repository could substitute another commit under the same id.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ATTR_NOSYSTEM: '1',
  // Ignore rewrites and programs in the machine's own configuration: they are not part of the repository.
  GIT_CONFIG_NOSYSTEM: '1',
} as const;

/** A variable of ENVIRONMENT that is empty. */
const EMPTY = 'GIT_ASKPASS';

/**
 * In the container of a runner, the workspace belongs to another user. With OVERRIDES, trusting it gives its owner no
 * additional rights.
 */
const ANY_OWNER: readonly string[] = ['*'];

/**
 * Creates a git runner that never starts a program because of a repository's configuration. Only a git that may fetch
 * reads the user's own configuration, because it contains the credentials.
 * @param safe values of `safe.directory`: repositories that may belong to other users
 */
export function createGit(run: Run, children: ChildContexts, safe: readonly string[] = ANY_OWNER): Git {
  const contexts = new Map<string, Promise<ChildContext>>();
  const contextFor = (protocols: readonly GitProtocol[]): Promise<ChildContext> => {
    // A repository can set protocol.NAME.allow, but cannot override this variable.
    const allowed = protocols.join(':');
    const context = contexts.get(allowed) ?? children.create(contextOptions(allowed));
    contexts.set(allowed, context);
    return context;
  };
  const settings = [...OVERRIDES, ...safe.map((value) => ['safe.directory', value] as const)];
  return async (command, argv, { folder, bare = false, protocols = [], ...options }) => {
    const at = [
      '--no-pager',
      ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ...['-C', folder, ...(bare ? ['--git-dir', folder] : [])],
    ];
    const context = await contextFor(protocols);
    if (command !== 'status') return run('git', [...at, command, ...argv], { ...options, context });
    const { timeout, signal } = options;
    const names = await run('git', [...at, 'config', '--null', '--name-only', '--list'], { timeout, signal, context });
    const filters = emptyFilters(names.stdout.split('\0'));
    return run('git', [...at, ...filters, command, ...argv, '--ignore-submodules=dirty'], { ...options, context });
  };
}

/**
 * Arguments that override each filter with an empty one, which git does not run. `-c` cannot name a filter with an equals
 * sign; `--config-env` can.
 * @param keys every key of the configuration: `--get-regexp` would skip names that are not valid in the locale
 * @throws TidegateError `checkout-not-trusted` if a name is not UTF-8, because no argument can name it
 */
function emptyFilters(keys: readonly string[]): readonly string[] {
  const filters = new Set(keys.flatMap((key) => /^(filter\..*)\.[^.]*$/su.exec(key)?.[1] ?? []));
  for (const filter of filters) {
    if (!filter.includes('\ufffd')) continue;
    throw new TidegateError('checkout-not-trusted', `The git setting ${JSON.stringify(filter)} is not valid UTF-8.`, {
      next: 'Remove this filter from .git/config: git config --edit.',
    });
  }
  return [...filters].flatMap((filter) =>
    ['clean', 'smudge', 'process', 'required'].map((key) => `--config-env=${filter}.${key}=${EMPTY}`),
  );
}

function contextOptions(allowed: string): ChildOptions {
  const set = { ...ENVIRONMENT, GIT_ALLOW_PROTOCOL: allowed };
  // With sudo, git also accepts a repository of the user who started it.
  if (allowed === '') return { also: ['SUDO_UID'], set: { ...set, GIT_CONFIG_GLOBAL: '/dev/null' } };
  return { login: 'git-fetch', set };
}
