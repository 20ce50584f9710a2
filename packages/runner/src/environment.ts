import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { defined, isRecord, messageOf, TidegateError } from '@tidegate/core';

export type Environment = Readonly<Record<string, string>>;

type Variables = Readonly<Record<string, string | undefined>>;

/** Inputs are read elsewhere, and a token that requests identities or reaches the cache is passed to its user alone. */
const PRIVATE = /^INPUT_|^ACTIONS_.*_TOKEN$|^SIGSTORE_ID_TOKEN$/i;

/** The environment for the stages. */
export function publicEnvironment(env: NodeJS.ProcessEnv): Environment {
  const { HOME: _, ...others } = env;
  const entries = Object.entries(others).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !PRIVATE.test(entry[0]),
  );
  return defined({ ...Object.fromEntries(entries), HOME: homeOf(env) });
}

/** The URL of GitHub's cache service and its token (actions/toolkit, packages/cache/src/internal/config.ts). */
const CACHE_SERVICE = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'];

export function cacheServiceOf(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(CACHE_SERVICE.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

export interface Folders {
  readonly temp: string;
  readonly workspace: string;
  readonly toolCache: string;
}

/** The folders of a job; outside a runner, those of the user. All paths are absolute. */
export function foldersOf(env: Variables, user: () => { readonly homedir: string } = userInfo): Folders {
  const temp = resolve(env.RUNNER_TEMP || tmpdir());
  const home = homeOf(env, user);
  const userCache = absolute(env.XDG_CACHE_HOME) ?? (home === undefined ? temp : join(home, '.cache'));
  return {
    temp,
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    toolCache: env.RUNNER_TOOL_CACHE ? resolve(env.RUNNER_TOOL_CACHE) : join(userCache, 'tidegate', 'tools'),
  };
}

/**
 * The user's own folder. HOME is used only if it is an absolute path: with an empty or relative one, files of the
 * commit would become configuration and caches. A container with an arbitrary user id may have neither HOME nor an
 * entry for it. A HOME that is a file is ignored, because docker and buildx fail on it; a missing or read-only one does
 * no harm.
 */
export function homeOf(env: Variables, user: () => { readonly homedir: string } = userInfo): string | undefined {
  try {
    const home = absolute(env.HOME) ?? absolute(user().homedir);
    return home === undefined || isNoFolder(home) ? undefined : home;
  } catch {
    return undefined;
  }
}

function isNoFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}

/**
 * XDG base directory specification: "If an implementation encounters a relative path [...] it should [...] ignore it."
 */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/**
 * The payload of the event that started the workflow; empty outside a runner.
 * @throws TidegateError `bad-input` if GITHUB_EVENT_PATH names a file that is not a JSON object.
 */
export async function readEvent(env: Environment): Promise<Readonly<Record<string, unknown>>> {
  const path = env.GITHUB_EVENT_PATH;
  if (!path) return {};
  const next = 'Set GITHUB_EVENT_PATH to the file that the runner wrote, or unset it outside a workflow.';
  try {
    const event: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isRecord(event)) return { ...event };
  } catch (cause) {
    throw new TidegateError('event-unreadable', `The event in ${path} could not be read: ${messageOf(cause)}`, {
      next,
      cause,
    });
  }
  throw new TidegateError('event-unreadable', `The event in ${path} is not a JSON object.`, { next });
}
