import { readFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';

export type Environment = Readonly<Record<string, string>>;

/** Inputs have their own door, and a token that mints identities or reaches the cache is nobody's but its owner's. */
const PRIVATE = /^INPUT_|^ACTIONS_.*_TOKEN$|^SIGSTORE_ID_TOKEN$/i;

/** The environment as stages may see it. */
export function publicEnvironment(env: NodeJS.ProcessEnv): Environment {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !PRIVATE.test(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** Where GitHub's cache service is and the token for it (actions/toolkit, packages/cache/src/internal/config.ts). */
const CACHE_SERVICE = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'];

export function cacheServiceOf(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(CACHE_SERVICE.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

export interface Folders {
  readonly temp: string;
  readonly workspace: string;
  readonly toolCache: string;
}

/** Where a job keeps things; outside a runner, where its user does. */
export function foldersOf(env: Environment): Folders {
  const userCache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return {
    temp: env.RUNNER_TEMP || tmpdir(),
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    toolCache: env.RUNNER_TOOL_CACHE || join(userCache, 'tidegate', 'tools'),
  };
}

/**
 * The payload of the event that started the workflow; empty outside a runner.
 * @throws TidegateError `bad-input` when GITHUB_EVENT_PATH names something that is no JSON object.
 */
export async function readEvent(env: Environment): Promise<Readonly<Record<string, unknown>>> {
  const path = env.GITHUB_EVENT_PATH;
  if (!path) return {};
  const next = 'GITHUB_EVENT_PATH must name the file that the runner wrote; unset it outside a workflow.';
  try {
    const event: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return { ...event };
  } catch (cause) {
    throw new TidegateError('bad-input', `The event in ${path} could not be read: ${messageOf(cause)}`, {
      next,
      cause,
    });
  }
  throw new TidegateError('bad-input', `The event in ${path} is not a JSON object.`, { next });
}
