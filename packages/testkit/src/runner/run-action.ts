import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { cacheFolder } from '../programs/cache-folder.ts';
import { parseCommand, type RunnerCommand } from './commands.ts';
import { makeFiles, readPairs } from './files.ts';
import { node24, repositoryRoot } from './node24.ts';
import { programsBelow } from './programs-below.ts';

export interface BundleRun {
  /** `scan-image`, or `ship` for the root action; or the path of an action.yml. */
  readonly action: string;
  /** As under `with:`. An input that action.yml does not declare fails the test. */
  readonly inputs?: Readonly<Record<string, string>>;
  /**
   * Added to the runner's own variables; undefined removes one. Of the caller's environment, only PATH is passed on.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** RUNNER_TEMP: steps of one job share it. */
  readonly temp: string;
  readonly workspace: string;
  /** The event's payload. */
  readonly event?: Readonly<Record<string, unknown>>;
  readonly eventName?: string;
  /** The value of `${{ github.token }}`. */
  readonly token?: string;
  /**
   * Milliseconds until the step is killed and the run fails, with its last lines and the programs that it waits for.
   * Default 110 s: less than a test may take, so that the test shows them.
   */
  readonly timeout?: number;
  /** Path of the Node that runs the bundle, and comes first in PATH. Default: Node 24, as on a runner. */
  readonly node?: string;
  /** Called for each printed line; `kill` sends the step a signal (a cancelled job). */
  readonly onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
}

interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

export interface BundleResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The log as readers see it: text, group titles, annotations; secrets are masked as by the runner. */
  readonly log: readonly string[];
  readonly annotations: readonly Annotation[];
  /** Every command that the runner would have executed from stdout, including hostile ones. */
  readonly commands: readonly RunnerCommand[];
  /** Lines written to GITHUB_ENV and GITHUB_PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  /** Exact bytes of stdout and stderr, except the lines that tell the runner what to mask: for leak tests. */
  readonly raw: string;
  readonly milliseconds: number;
  /** Start of its process, in milliseconds since the epoch. */
  readonly began: number;
  /** The run that produced this: `runPost` needs it. */
  readonly of: BundleRun;
}

interface Manifest {
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string; readonly 'post-if'?: string };
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** Run an action's bundle as the runner runs its main step: node24, a clean environment, inputs as INPUT_*. */
export async function runBundle(run: BundleRun): Promise<BundleResult> {
  return execute(run, 'main', {});
}

/** Run its post step with the state that the main step saved. @returns undefined if the action has none. */
export async function runPost(main: BundleResult): Promise<BundleResult | undefined> {
  const { manifest } = await readManifest(main.of.action);
  return manifest.runs.post === undefined ? undefined : execute(main.of, 'post', main.state);
}

async function readManifest(action: string): Promise<{ manifest: Manifest; folder: string }> {
  const relative = action.endsWith('.yml') ? action : action === 'ship' ? 'action.yml' : `actions/${action}/action.yml`;
  const path = resolve(repositoryRoot, relative);
  const manifest = parse(await readFile(path, 'utf8')) as Manifest;
  if (manifest.runs.using !== 'node24')
    throw new Error(`${relative}: runs.using is ${manifest.runs.using}, not node24`);
  return { manifest, folder: dirname(path) };
}

async function execute(
  run: BundleRun,
  step: 'main' | 'post',
  state: Readonly<Record<string, string>>,
): Promise<BundleResult> {
  const { manifest, folder } = await readManifest(run.action);
  const entry = resolve(folder, manifest.runs[step] ?? manifest.runs.main);
  const answers = await mkdtemp(join(await made(run.temp), '_runner_'));
  const files = await makeFiles(answers);
  const eventPath = join(answers, 'event.json');
  await writeFile(eventPath, JSON.stringify(run.event ?? {}));
  const env: NodeJS.ProcessEnv = {
    ...runnerEnvironment(run, eventPath),
    ...files,
    ...run.env,
    ...inputVariables(run, manifest),
    ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
  };
  const began = performance.now();
  const ended = await spawned(run.node ?? node24(), entry, env, run);
  const milliseconds = performance.now() - began;
  return {
    ...ended,
    ...readLog(ended.lines),
    outputs: await readPairs(files.GITHUB_OUTPUT),
    state: { ...state, ...(await readPairs(files.GITHUB_STATE)) },
    summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    env: await readPairs(files.GITHUB_ENV),
    path: (await readFile(files.GITHUB_PATH, 'utf8')).split(/\r?\n/).filter((line) => line !== ''),
    milliseconds,
    began: performance.timeOrigin + began,
    of: run,
  };
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}

/** The variables of a runner for a push to the default branch; a test overrides those that it is about. */
function runnerEnvironment(run: BundleRun, eventPath: string): Record<string, string> {
  return {
    PATH: [dirname(run.node ?? node24()), process.env.PATH ?? '/usr/bin:/bin'].join(delimiter),
    HOME: join(run.temp, 'home'),
    LANG: 'C.UTF-8',
    // The only addition to a real runner: compiled code of an earlier run. Tests start hundreds of steps from the same
    // files, and a short one mostly compiles. It changes nothing else, and reaches no tool that a step starts.
    NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: run.workspace,
    GITHUB_EVENT_NAME: run.eventName ?? 'push',
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_REPOSITORY_OWNER: 'acme',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_ACTOR: 'octocat',
    GITHUB_JOB: 'test',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    // A closed port: a test that needs the API sets its own.
    GITHUB_API_URL: 'http://127.0.0.1:9',
    RUNNER_NAME: 'test',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_TEMP: run.temp,
    RUNNER_TOOL_CACHE: join(run.temp, 'tool-cache'),
  };
}

/** INPUT_NAME with underscores for blanks; dashes stay (actions/runner, Handler.AddInputsToEnvironment). */
function inputVariables(run: BundleRun, manifest: Manifest): Record<string, string> {
  const declared = manifest.inputs ?? {};
  const given = run.inputs ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) throw new Error(`${run.action} declares no input ${unknown.join(', ')}`);
  const variables: Record<string, string> = {};
  for (const [name, { default: text = '' }] of Object.entries(declared)) {
    variables[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = given[name] ?? evaluate(String(text), run);
  }
  return variables;
}

function evaluate(text: string, run: BundleRun): string {
  const known: Readonly<Record<string, string>> = {
    'github.token': run.token ?? '',
    'github.workspace': run.workspace,
    'github.repository': run.env?.GITHUB_REPOSITORY ?? 'acme/app',
    'github.server_url': run.env?.GITHUB_SERVER_URL ?? 'https://github.com',
    'runner.temp': run.temp,
  };
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = known[expression];
    if (value === undefined) throw new Error(`the default \${{ ${expression} }} is not one this can evaluate`);
    return value;
  });
}

async function spawned(node: string, entry: string, env: NodeJS.ProcessEnv, run: BundleRun) {
  // A separate process group, so that a timeout also ends the tools of a step.
  const child = spawn(node, [entry], { cwd: run.workspace, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
  };
  const timeout = run.timeout ?? 110_000;
  const lines: string[] = [];
  let late: string | undefined;
  const timer = setTimeout(() => {
    if (child.pid === undefined) return;
    const running = programsBelow(child.pid).join('\n');
    late = `${run.action} was still running after ${timeout / 1000} s.\n${lines.slice(-20).join('\n')}\nRunning:\n${running}`;
    process.kill(-child.pid, 'SIGKILL');
  }, timeout);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      // readline keeps a CR inside a line, but .NET does not.
      for (const part of line.split('\r')) {
        lines.push(part);
        run.onLine?.(part, kill);
      }
    });
  }
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, name) => done([code, name]));
  });
  clearTimeout(timer);
  if (late !== undefined) throw new Error(late);
  return { exitCode, signal, lines };
}

function readLog(lines: readonly string[]): Pick<BundleResult, 'log' | 'annotations' | 'commands' | 'raw'> {
  const commands: RunnerCommand[] = [];
  const annotations: Annotation[] = [];
  const secrets: string[] = [];
  const log: string[] = [];
  const raw: string[] = [];
  const masked = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  for (const line of lines) {
    const command = parseCommand(line);
    if (command?.name !== 'add-mask') raw.push(line);
    if (command === undefined) {
      log.push(masked(line));
      continue;
    }
    commands.push(command);
    const { name, text, properties } = command;
    if (name === 'add-mask') secrets.push(text, ...text.split(/\r?\n/).filter((part) => part.trim() !== ''));
    if (name === 'group') log.push(masked(text));
    if (name === 'error' || name === 'warning' || name === 'notice') {
      log.push(masked(`${name}: ${text}`));
      annotations.push({
        level: name,
        message: masked(text),
        ...(properties.title === undefined ? {} : { title: properties.title }),
        ...(properties.file === undefined ? {} : { file: properties.file }),
        ...(properties.line === undefined ? {} : { line: Number(properties.line) }),
      });
    }
  }
  return { commands, annotations, log, raw: raw.join('\n') };
}
