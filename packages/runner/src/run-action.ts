import { inspect } from 'node:util';
import * as core from '@actions/core';
import { messageOf, type Progress } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import { endProcess } from './end-process.ts';
import { cacheServiceOf, foldersOf, publicEnvironment, readEvent } from './environment.ts';
import { cancelled, type Explained, explain, FailureWithOutputs, isCancellation, isVerdict } from './failure.ts';
import { annotationText, summaryText, verdictNote } from './failure-text.ts';
import { assertIdToken, type IdTokenSource, idToken, loginToken } from './github/id-token.ts';
import { parseInputs } from './inputs/parse-inputs.ts';
import type { ActionSpec, Inputs, Outputs } from './inputs/schema.ts';
import type { Job } from './job.ts';
import { createProgress, nodeTicker } from './log/progress.ts';
import { createSafeLog, type RunnerCommands, type SafeLog } from './log/safe-log.ts';
import { createStepSummary, type StepSummary, summaryWriter } from './log/step-summary.ts';
import { readNetwork } from './network/network.ts';

export type Run<A extends ActionSpec> = (inputs: Inputs<A>, job: Job) => Promise<Outputs<A>>;
export type Post = (job: Job) => Promise<void>;

/** The process of an action: @actions/core on a runner, the terminal in the command line, a recorder in tests. */
export interface Host {
  readonly commands: RunnerCommands & {
    getInput(name: string, options: { readonly trimWhitespace: boolean }): string;
    setOutput(name: string, value: string): void;
    saveState(name: string, value: string): void;
    getState(name: string): string;
    isDebug(): boolean;
    getIDToken(audience?: string): Promise<string>;
  };
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Shows the progress of transfers. Default: lines in the log. */
  readonly progress?: Progress | undefined;
  /** Shows a failure in place of the error annotation: without secrets, not escaped. */
  readonly onFailure?: ((failure: Explained) => void) | undefined;
}

/** Set by the main step, so that the same bundle can tell that it runs as the post step. */
const IS_POST = 'tidegate-post';

/**
 * The whole of an action's main.ts: read the inputs, run, set the outputs, and end the process. A failure is one error
 * annotation, `message — next`, the same in the job summary, and exit code 1. Keep-alive sockets and timers keep the
 * process alive for a second at most.
 */
export async function runAction<const A extends ActionSpec>(action: A, run: Run<A>, post?: Post): Promise<void> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The runner sends SIGINT, 7.5 s later SIGTERM, then kills: a second signal means that cleaning up took too long.
      if (abort.signal.aborted) process.exit(1);
      abort.abort(cancelled(signal));
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    // The reader of the log is gone, and the runner with it: treat this as a cancellation. Nothing more can be printed,
    // and printing each resulting error would never end.
    stream.on('error', () => abort.abort(cancelled('SIGPIPE')));
  }
  const host: Host = { commands: core, env: process.env, signal: abort.signal };
  const log = createSafeLog(core);
  const summary = summaryOf(host, log);
  let isOver = false;
  const crash = (error: unknown) => {
    // Other work may still go on, and must not: this does not wait until it ends.
    if (!isOver) void report(error, { action, log, host, summary }).then((code) => process.exit(code));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const code = await execute(action, run, post, host, log, summary);
  isOver = true;
  endProcess(code);
}

/** `runAction` without the process. @returns the exit code. */
export async function execute<const A extends ActionSpec>(
  action: A,
  run: Run<A>,
  post: Post | undefined,
  host: Host,
  log: SafeLog = createSafeLog(host.commands),
  summary: StepSummary = summaryOf(host, log),
): Promise<number> {
  const { commands, signal } = host;
  const failed = (error: unknown) => report(error, { action, log, host, summary });
  try {
    const isPost = action.post === true && commands.getState(IS_POST) !== '';
    if (action.post && !isPost) commands.saveState(IS_POST, 'true');
    const read = (name: string) => commands.getInput(name, { trimWhitespace: false });
    if (isPost) {
      for (const [name, spec] of Object.entries(action.inputs)) if (spec.secret) log.mask(read(name));
      await post?.(await makeJob(host, log, summary));
    } else {
      const inputs = parseInputs(action, { read, mask: (secret) => log.mask(secret) });
      const job = await makeJob(host, log, summary);
      await makeFolder(job.temp);
      setOutputs(action, await run(inputs, job), host);
    }
    if (signal.aborted) return failed(signal.reason);
    await summary.succeed();
    log.flush();
    return 0;
  } catch (error) {
    return failed(error);
  }
}

function summaryOf({ env }: Host, log: SafeLog): StepSummary {
  const redact = (text: string) => log.redactor.redact(text);
  return createStepSummary(summaryWriter(env.GITHUB_STEP_SUMMARY, { ...log, redact }));
}

async function makeJob(host: Host, log: SafeLog, summary: StepSummary): Promise<Job> {
  const { commands, signal } = host;
  const env = publicEnvironment(host.env);
  const network = readNetwork(host.env);
  const tokens: IdTokenSource = {
    env: host.env,
    getIDToken: (wanted) => {
      const { ACTIONS_ID_TOKEN_REQUEST_URL: url } = host.env;
      if (url && URL.canParse(url)) network.alignActionsClient(url);
      return commands.getIDToken(wanted);
    },
    mask: (secret) => log.mask(secret),
  };
  return {
    log,
    progress:
      host.progress ??
      createProgress({ write: (line) => log.info(line), now: () => performance.now(), ticker: nodeTicker }),
    clock: () => new Date(),
    signal,
    env,
    network,
    ...foldersOf(env),
    event: await readEvent(env),
    idToken: (audience) => idToken(audience, tokens),
    assertIdToken: () => assertIdToken(tokens),
    loginToken: (audience) => loginToken(audience, tokens),
    cacheService: () => {
      const service = cacheServiceOf(host.env);
      log.mask(service.ACTIONS_RUNTIME_TOKEN ?? '');
      return service;
    },
    saveState: (name, value) => commands.saveState(name, value),
    state: (name) => commands.getState(name),
    redacted: (value) => log.redactor.redactAll(value),
    summarise: async (markdown, isVerdict = false) => summary.add(markdown, isVerdict),
    summariseBelow: (markdown) => summary.addBelow(markdown),
  };
}

function setOutputs(action: ActionSpec, outputs: Readonly<Record<string, string>>, host: Host): void {
  const declared = Object.keys(action.outputs);
  const missing = declared.filter((name) => typeof outputs[name] !== 'string');
  const unknown = Object.keys(outputs).filter((name) => !declared.includes(name));
  for (const name of declared) {
    const value = outputs[name];
    if (value !== undefined) host.commands.setOutput(name, value);
  }
  if (missing.length > 0) throw new Error(`outputs not set: ${missing.join(', ')}`);
  if (unknown.length > 0) throw new Error(`outputs not declared: ${unknown.join(', ')}`);
}

interface Failing {
  readonly action: ActionSpec;
  readonly log: SafeLog;
  readonly host: Host;
  readonly summary: StepSummary;
}

/** Outputs, job summary and annotation of a failed run. @returns its exit code */
async function report(error: unknown, { action, log, host, summary }: Failing): Promise<number> {
  const { commands, signal } = host;
  const shown = signal.aborted && (isCancellation(error) || error === signal.reason) ? signal.reason : error;
  const failure = explain(shown, action, host.env);
  log.flush();
  // GITHUB_OUTPUT or the summary cannot be written: the failure itself must be reported all the same.
  const ifWritable = async (write: () => unknown) => {
    try {
      await write();
    } catch (unwritten) {
      log.debug(messageOf(unwritten));
    }
  };
  await ifWritable(() => {
    if (!(error instanceof FailureWithOutputs)) return;
    for (const [name, value] of Object.entries(error.outputs)) commands.setOutput(name, value);
  });
  const note = isVerdict(shown) ? verdictNote(failure) : undefined;
  await ifWritable(() => summary.fail(summaryText(failure, action.title, log), note));
  if (host.onFailure) host.onFailure(log.redactor.redactAll(failure));
  else {
    const { place } = failure;
    const at = place ? { file: log.oneLine(place.file), startLine: place.line } : {};
    commands.error(log.oneLine(annotationText(failure)), { title: action.title, ...at });
  }
  if (isDebugging(host)) for (const line of inspect(error, { depth: 4 }).split('\n')) log.debug(line);
  return 1;
}

/** The runner sets `RUNNER_DEBUG=1` if ACTIONS_STEP_DEBUG is true; tests and act may set only the latter. */
function isDebugging({ commands, env }: Host): boolean {
  return commands.isDebug() || env.ACTIONS_STEP_DEBUG === 'true';
}
