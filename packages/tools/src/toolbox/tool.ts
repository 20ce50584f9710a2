import type { ProgramEvidence } from '@tidegate/core';
import type { ChildContext } from '../run/child-context.ts';

/** The programs a stage may run, each pinned in pins.ts. */
export const TOOL_NAMES = ['buildkitd', 'buildx', 'syft', 'grype', 'cosign'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** A program whose bytes match the pin, or that the user specified. */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  readonly path: string;
  /**
   * `path`: specified by the user. `runner`: the runner's own. `cache`, `download`, `mirror`: verified against the pin.
   */
  readonly source: 'path' | 'runner' | 'cache' | 'download' | 'mirror';
  /** Description of the program in evidence. One that is not pinned is hashed while it is already in use. */
  readonly program: Promise<ProgramEvidence>;
}

export interface Toolbox {
  /** Find, download and verify once; later calls get the same promise. */
  get(name: ToolName): Promise<Tool>;
}

export interface RunOptions {
  /** Its working folder and complete environment: nothing is inherited from this process. */
  readonly context: ChildContext;
  readonly stdin?: Uint8Array | string;
  /** Destination of stdout: memory (up to `maxOutput`, default 64 MiB), or a file. */
  readonly stdout?: { readonly file: string };
  readonly maxOutput?: number;
  /** All of stderr in the result, up to `maxOutput`. Default: its last 64 KiB. */
  readonly wholeStderr?: true;
  /** Receives each line of stderr as it arrives, without its line end. Raw: the log escapes it. */
  readonly onLine?: (line: string) => void;
  /** In milliseconds; after that the whole process group is killed. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes that are a result and not a failure. Default `[0]`. */
  readonly answers?: readonly number[] | undefined;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 64 KiB, or with `wholeStderr` all of it. */
  readonly stderr: string;
  readonly milliseconds: number;
}

/**
 * Run a tool without a shell.
 * @throws TidegateError `tool` when it could not start, was killed by a signal, timed out, or exited with a code that
 * is not in `answers`: the message contains the tool, how it ended and its last lines of output
 */
export type Run = (path: string, argv: readonly string[], options: RunOptions) => Promise<RunResult>;

/**
 * Network of RUN steps that do not select one: `bridge` (a separate namespace for each step, behind the daemon's
 * bridge), `slirp` (the network of a rootless daemon, separate from the runner's), `host` (the runner's), or `unknown`.
 */
export type RunNetwork = 'bridge' | 'slirp' | 'host' | 'unknown';
