import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOfDesktop, only, passedOn, pathOutside, userFolders } from './environment.ts';
import { makeFolder } from './folder.ts';

/**
 * Working folder and complete environment of a child process. `run` accepts nothing else, and only `childContexts`
 * creates one: a child without its own folder, HOME and settings would read files that the repository or an earlier
 * step left for it.
 */
export class ChildContext {
  readonly cwd: string;
  /** An empty YAML file for `--config`: a program with an explicit config file searches for no other. */
  readonly emptyConfig: string;
  /** A private field makes the type nominal: an object of the same shape is not a context. */
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
 * The kinds of children that use the user's own HOME, because it contains the user's login. Each lists the other
 * variables of the job's environment that it needs.
 */
export const USER_LOGINS = {
  /** docker's credential helpers: they need each cloud's own variables, and its files in HOME. */
  'credential-helper': () => true,
  /** buildx runs credential helpers itself, and needs the user's builders and SSH agent. */
  buildx: (name) => ['BUILDX_CONFIG', 'DOCKER_CONFIG', 'SSH_AUTH_SOCK'].includes(name),
  /** cosign with a key in a key service: the caller specifies that service's variables. */
  'key-service': () => false,
  /** git that fetches a private repository: it needs the user's keys and credential helpers. */
  'git-fetch': (name) => name === 'SSH_AUTH_SOCK',
  /** The program that opens a page in the user's browser. */
  desktop: isOfDesktop,
} as const satisfies Record<string, (name: string) => boolean>;
export type UserLogin = keyof typeof USER_LOGINS;

export interface ChildOptions {
  /** Working folder of the program. Default: a new empty folder. */
  readonly cwd?: string;
  /** Variables to set. They override all inherited variables. */
  readonly set?: Readonly<Record<string, string>>;
  /** Why this child uses the user's HOME and XDG folders, if they exist. Default: it has its own empty ones. */
  readonly login?: UserLogin;
  /** Additional variables of the job that this child needs. */
  readonly also?: readonly string[];
}

export interface ChildContexts {
  create(options?: ChildOptions): Promise<ChildContext>;
}

export interface ContextsOptions {
  /** The job's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A private folder. The caller removes it when no child is running any more. */
  readonly folder: string;
  /** The checkout: its programs are excluded from PATH. */
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

/** https://specifications.freedesktop.org/basedir-spec: every folder in which a program may search for its files. */
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
