import type { ChildContext, ChildContexts, ChildOptions } from './run/child-context.ts';
import type { Run, RunOptions, RunResult } from './toolbox/tool.ts';

/**
 * Git commands that never start a program configured by a repository: no filter, textconv, external diff, editor, pager
 * or signature check. `fetch` runs only in repositories that we created.
 */
export type GitCommand =
  | 'cat-file'
  | 'fetch'
  | 'for-each-ref'
  | 'init'
  | 'ls-files'
  | 'merge-base'
  | 'rev-list'
  | 'rev-parse';

/** Protocols that git may use. Other protocols run programs that a URL names. */
export type GitProtocol = 'https' | 'ssh' | 'file';

interface GitOptions extends Pick<RunOptions, 'timeout' | 'signal' | 'stdin' | 'stdout' | 'answers'> {
  /** The repository: a work tree, or a bare repository that we created. */
  readonly folder: string;
  readonly bare?: boolean;
  /** Protocols allowed for fetching. Default: none, not even for objects that a partial clone lacks. */
  readonly protocols?: readonly GitProtocol[];
}

export type Git = (command: GitCommand, argv: readonly string[], options: GitOptions) => Promise<RunResult>;

/**
 * Settings of a repository that name programs or other locations. Each is overridden on the command line, which has
 * priority over every file (git-config, "Scopes"). Aliases and `filter.*` cannot be listed; the commands in GitCommand
 * do not use them.
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
  // In a container the workspace belongs to another user. With the settings above, trusting it gives its owner no
  // additional rights.
  ['safe.directory', '*'],
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

/**
 * Creates a git runner that never starts a program because of a repository's configuration. Only a git that may fetch
 * reads the user's own configuration, because it contains the credentials.
 */
export function createGit(run: Run, children: ChildContexts): Git {
  const contexts = new Map<string, Promise<ChildContext>>();
  const contextFor = (protocols: readonly GitProtocol[]): Promise<ChildContext> => {
    // A repository can set protocol.NAME.allow, but cannot override this variable.
    const allowed = protocols.join(':');
    const context = contexts.get(allowed) ?? children.create(contextOptions(allowed));
    contexts.set(allowed, context);
    return context;
  };
  return async (command, argv, { folder, bare = false, protocols = [], ...options }) => {
    const settings = OVERRIDES.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const at = ['-C', folder, ...(bare ? ['--git-dir', folder] : [])];
    const context = await contextFor(protocols);
    return run('git', ['--no-pager', ...settings, ...at, command, ...argv], { ...options, context });
  };
}

function contextOptions(allowed: string): ChildOptions {
  const set = { ...ENVIRONMENT, GIT_ALLOW_PROTOCOL: allowed };
  return allowed === '' ? { set: { ...set, GIT_CONFIG_GLOBAL: '/dev/null' } } : { login: 'git-fetch', set };
}
