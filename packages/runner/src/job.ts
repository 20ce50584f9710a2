import type { Clock, Log, Progress } from '@tidegate/core';
import type { Network } from './network/network.ts';

/** The data and services of the job for a run of an action. The only access to the environment. */
export interface Job {
  readonly log: Log;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Aborted on SIGTERM and SIGINT (a cancelled job). */
  readonly signal: AbortSignal;
  /**
   * The job's environment, read once, without INPUT_*, ACTIONS_*_TOKEN and SIGSTORE_ID_TOKEN. HOME is an absolute path,
   * or missing if the user has none.
   */
  readonly env: Readonly<Record<string, string>>;
  /** HTTP with the machine's proxies and certificates. */
  readonly network: Network;
  /** RUNNER_TEMP, or the system's temporary folder outside a runner. */
  readonly temp: string;
  /** GITHUB_WORKSPACE, or the current folder. */
  readonly workspace: string;
  /** RUNNER_TOOL_CACHE, or a folder below the user's cache. It may be missing or read-only. */
  readonly toolCache: string;
  /** The event that started the workflow, read from GITHUB_EVENT_PATH once; empty outside a runner. */
  readonly event: Readonly<Record<string, unknown>>;
  /** An OpenID Connect token for `audience`: see idToken. Masked; in no environment that a stage sees. */
  readonly idToken: (audience: string) => Promise<string>;
  /** Throws if `idToken` would return none, without contacting a server. */
  readonly assertIdToken: () => void;
  /** A token as `idToken` returns for a login at a registry: see loginToken. */
  readonly loginToken: (audience: string) => Promise<string>;
  /**
   * The variables with which a program reaches GitHub's cache service (ACTIONS_RUNTIME_TOKEN and the URL), if this job
   * has them. The token is masked. It gives access to more than caches: pass it to no program that runs code of the
   * repository.
   */
  readonly cacheService: () => Readonly<Record<string, string>>;
  /** Stored for the post step. Never put a secret here. */
  saveState(name: string, value: string): void;
  state(name: string): string;
  /** Removes masked secrets from all texts of a value. For data that is written to files or sent. */
  redacted<T>(value: T): T;
  /**
   * Markdown for the job summary; the caller has escaped text from outside. Written when the run ends. If it fails, the
   * summary begins with the failure, and this is folded below it.
   * @param isVerdict it begins with a headline about a failed verdict. If that verdict is why the run fails, it is the
   * summary's only headline. Default false.
   */
  summarise(markdown: string, isVerdict?: boolean): Promise<void>;
  /** A closed section below everything else in the summary. A step that reports nothing else has no summary. */
  summariseBelow(markdown: string): void;
}
