import type { ProgramEvidence } from '@tidegate/core';
import type { ChildContext } from '../run/child-context.ts';

/** The programs a stage may run, each pinned in pins.ts. */
export const TOOL_NAMES = ['buildkitd', 'buildx', 'syft', 'grype', 'cosign'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** A program that was found and whose bytes are the pinned ones (or were named by the user). */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  readonly path: string;
  /** `path`: the user named it. `cache`, `download`, `mirror`: verified against the pin. */
  readonly source: 'path' | 'cache' | 'download' | 'mirror';
  /** What evidence says of it. Of a program that the user named, it is being hashed while it is used already. */
  readonly program: Promise<ProgramEvidence>;
}

export interface Toolbox {
  /** Find, download and verify once; later calls get the same promise. */
  get(name: ToolName): Promise<Tool>;
}

export interface RunOptions {
  /** Its folder and its whole environment: nothing is inherited from this process. */
  readonly context: ChildContext;
  readonly stdin?: Uint8Array | string;
  /** Where stdout goes: kept (up to `maxOutput`, default 64 MiB), or a file. */
  readonly stdout?: { readonly file: string };
  readonly maxOutput?: number;
  /** Each line of stderr as it comes, without its line end. Raw: the log makes it harmless. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds; the whole process group is killed after that. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes that are an answer and not a failure. Default `[0]`. */
  readonly answers?: readonly number[];
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 64 KiB. */
  readonly stderr: string;
  readonly milliseconds: number;
}

/**
 * Run a tool without a shell.
 * @throws TidegateError `tool` when it could not start, was killed by a signal, timed out, or ended with another
 * code than `answers`: the message names the tool, how it ended and the last lines it said.
 */
export type Run = (path: string, argv: readonly string[], options: RunOptions) => Promise<RunResult>;

/**
 * Network of RUN steps that ask for none: `bridge` (a namespace of their own, behind the daemon's bridge), `slirp` (that
 * of a daemon without root, apart from the runner's), `host` (the runner's), or not known.
 */
export type RunNetwork = 'bridge' | 'slirp' | 'host' | 'unknown';
