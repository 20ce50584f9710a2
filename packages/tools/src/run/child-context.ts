import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { only, passedOn, pathOutside, userFolders } from './environment.ts';
import { makeFolder } from './folder.ts';

/**
 * Where a child process runs, and its whole environment. `run` takes nothing else, and only `childContexts` makes one: a
 * child without a folder, a HOME and settings of its own would read whatever the repository or an earlier step left for it.
 */
export class ChildContext {
  readonly cwd: string;
  /** An empty YAML file, for `--config`: a program that is given one looks for no other. */
  readonly emptyConfig: string;
  /** Private, so that the type is nominal: an object of the same shape is not a context. */
  readonly #env: Readonly<Record<string, string>>;

  constructor(cwd: string, env: Readonly<Record<string, string>>, emptyConfig: string) {
    this.cwd = cwd;
    this.#env = env;
    this.emptyConfig = emptyConfig;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }
}

/**
 * The kinds of children that see the user's own HOME, because the user's login is there. Each names what else of the
 * job's environment it needs.
 */
export const USER_LOGINS = {
  /** docker's credential helpers: each cloud's own variables, and its files below HOME. */
  'credential-helper': () => true,
  /** buildx runs credential helpers itself, and finds the user's builders and SSH agent. */
  buildx: (name) => ['BUILDX_CONFIG', 'DOCKER_CONFIG', 'SSH_AUTH_SOCK'].includes(name),
  /** cosign with a key in a key service: the caller names that service's variables. */
  'key-service': () => false,
  /** git that fetches a private repository: the user's keys and credential helpers. */
  'git-fetch': (name) => name === 'SSH_AUTH_SOCK',
} as const satisfies Record<string, (name: string) => boolean>;
export type UserLogin = keyof typeof USER_LOGINS;

export interface ChildOptions {
  /** A folder that the program has to run in. Default: an empty one of its own. */
  readonly cwd?: string;
  /** Settings that decide, by their variables. They override everything that is passed on. */
  readonly set?: Readonly<Record<string, string>>;
  /** Why this child sees the user's HOME and XDG folders, where there are any. Default: it has empty ones of its own. */
  readonly login?: UserLogin;
  /** Variables of the job that this child needs as well. */
  readonly also?: readonly string[];
}

export interface ChildContexts {
  create(options?: ChildOptions): Promise<ChildContext>;
}

export interface ContextsOptions {
  /** The job's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A private folder. The caller removes it when no child runs any more. */
  readonly folder: string;
  /** The checkout: nothing in it is found through PATH. */
  readonly workspace: string;
}

export function childContexts({ env, folder, workspace }: ContextsOptions): ChildContexts {
  const path = pathOutside(env.PATH ?? '', workspace);
  return {
    async create({ cwd, set = {}, login, also = [] } = {}) {
      await makeFolder(folder, 0o700);
      const own = await mkdtemp(join(folder, 'child-'));
      const [home, empty, emptyConfig] = [join(own, 'home'), join(own, 'empty'), join(own, 'empty.yaml')];
      const folders = privateFolders(home);
      const temp = join(own, 'tmp');
      for (const each of new Set([home, ...Object.values(folders), empty, temp])) {
        await makeFolder(each, 0o700);
      }
      await writeFile(emptyConfig, '{}\n');
      const variables = {
        ...passedOn(env),
        ...(login ? { ...only(env, USER_LOGINS[login]), HOME: home, ...userFolders(env) } : folders),
        ...only(env, (name) => also.includes(name)),
        PATH: await path,
        TMPDIR: temp,
        ...set,
      };
      return new ChildContext(cwd ?? empty, variables, emptyConfig);
    },
  };
}

/** https://specifications.freedesktop.org/basedir-spec: every folder that a program may look for its files in. */
function privateFolders(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CONFIG_DIRS: join(home, '.config-dirs'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_DATA_DIRS: join(home, '.data-dirs'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_RUNTIME_DIR: join(home, '.run'),
  };
}
