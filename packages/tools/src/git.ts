import type { ChildContext, ChildContexts, ChildOptions } from './run/child-context.ts';
import type { Run, RunOptions, RunResult } from './toolbox/tool.ts';

/**
 * Commands that start no program a repository names: no filter, textconv, external diff, editor, pager or signature
 * check. `fetch` runs in repositories of our own making only.
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

/** Protocols that git may use. Its others run programs that a URL names. */
export type GitProtocol = 'https' | 'ssh' | 'file';

interface GitOptions extends Pick<RunOptions, 'timeout' | 'signal' | 'stdin' | 'stdout' | 'answers'> {
  /** The repository: a work tree, or a bare repository that we made ourselves. */
  readonly folder: string;
  readonly bare?: boolean;
  /** What it may fetch with. Default: nothing, not even objects that a partial clone lacks. */
  readonly protocols?: readonly GitProtocol[];
}

export type Git = (command: GitCommand, argv: readonly string[], options: GitOptions) => Promise<RunResult>;

/**
 * Settings of a repository that name programs or other places, each overridden by the command line, which git ranks
 * above every file (git-config, "Scopes"). Aliases and `filter.*` cannot be listed; GitCommand leaves both no place.
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
  // In a container the workspace belongs to another user; with the settings above that gives its owner nothing.
  ['safe.directory', '*'],
  // A folder of the checkout that looks like a bare repository is a folder of the checkout.
  ['safe.bareRepository', 'explicit'],
];

const ENVIRONMENT = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '',
  GIT_PAGER: 'cat',
  GIT_OPTIONAL_LOCKS: '0',
  // `refs/replace/*` of the repository would show another commit under the same name.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ATTR_NOSYSTEM: '1',
  // What the machine's own configuration rewrites or runs is not part of the repository.
  GIT_CONFIG_NOSYSTEM: '1',
} as const;

/**
 * git, so that no configuration of the repository it reads starts a program. The user's own configuration is read only
 * by a git that may fetch: credentials are there.
 */
export function createGit(run: Run, children: ChildContexts): Git {
  const contexts = new Map<string, Promise<ChildContext>>();
  const contextFor = (protocols: readonly GitProtocol[]): Promise<ChildContext> => {
    // A repository can write protocol.NAME.allow; nothing it writes overrides this variable.
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
