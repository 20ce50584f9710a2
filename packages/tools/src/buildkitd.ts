import { spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Log, messageOf, TidegateError } from '@tidegate/core';
import { signalGroup } from './process-group.ts';
import { lastLines } from './stderr-lines.ts';
import type { Tool } from './tool.ts';

export interface BuildkitOptions {
  readonly tool: Tool;
  /** Holds the daemon's state, socket and log. Made where missing; nobody else should be able to write into it. */
  readonly folder: string;
  /** The daemon's whole environment (`childEnvironment`). Its PATH is where runc, rootlesskit and git are found. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
  /** The user id this process has: 0 starts the daemon directly, any other through rootlesskit. */
  readonly uid: number;
  /** buildkitd.toml, for registries with mirrors or without TLS. */
  readonly config?: string;
  /** Milliseconds until it must answer. Default 60,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface RunningBuildkit {
  /** `unix:///…/buildkitd.sock`, as BUILDKIT_HOST and buildx's remote driver take it. */
  readonly address: string;
  readonly pid: number;
  readonly folder: string;
  stop(): Promise<void>;
}

/** sun_path holds 108 bytes with its final NUL (unix(7)); macOS holds 104. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Start a BuildKit daemon that outlives this process: its own session and process group, and no hold on this process's
 * output, so that the step ends when the build does. `stopBuildkit` ends it from another process.
 */
export async function startBuildkit(options: BuildkitOptions): Promise<RunningBuildkit> {
  const { tool, log, env } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const socket = await socketPath(options.folder);
  const address = `unix://${socket}`;
  if (await answers(socket)) {
    throw new TidegateError('conflict', `A BuildKit already answers on ${address}.`, {
      next: 'Use it (BUILDKIT_HOST), stop it, or give this one another folder.',
    });
  }
  const logFile = join(options.folder, 'buildkitd.log');
  const daemon = [tool.path, '--root', join(options.folder, 'root'), '--addr', address];
  daemon.push('--oci-worker-binary', await runtime(tool, env), '--containerd-worker=false');
  if (options.config !== undefined) {
    const config = join(options.folder, 'buildkitd.toml');
    await writeFile(config, options.config);
    daemon.push('--config', config);
  }
  const argv = options.uid === 0 ? daemon : await rootless(daemon, env);
  const output = await open(logFile, 'a', 0o600);
  const [program, ...rest] = argv as [string, ...string[]];
  const child = spawn(program, rest, {
    cwd: options.folder,
    env: { ...env },
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = `could not start: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    ended = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
  });
  child.unref();
  await output.close();
  const pid = child.pid ?? 0;
  const running = { pid, address, folder: options.folder };
  try {
    await untilReady(socket, options, () => ended);
  } catch (error) {
    if (pid > 0) await stopBuildkit({ ...running, log, keep: true });
    const said = lastLines(await readFile(logFile, 'utf8').catch(() => ''));
    if (error instanceof TidegateError) throw error;
    throw new TidegateError('tool', `BuildKit ${messageOf(error)}${said === '' ? '' : `. It said last:\n${said}`}`, {
      next: 'Read its lines above, or build on a BuildKit of your own (input builder, or BUILDKIT_HOST).',
      cause: error,
    });
  }
  log.debug(`BuildKit ${tool.version} answers on ${address} (process ${pid}).`);
  return { ...running, stop: () => stopBuildkit({ ...running, log }) };
}

async function socketPath(folder: string): Promise<string> {
  const path = join(folder, 'buildkitd.sock');
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  // A private folder (0700) with a name nobody can guess, for a workspace that lies too deep.
  return join(await mkdtemp('/tmp/tidegate-'), 'buildkitd.sock');
}

/** BuildKit's release carries a runc of its own beside the daemon; a machine's own does as well. */
async function runtime(tool: Tool, env: Readonly<Record<string, string>>): Promise<string> {
  const beside = join(dirname(tool.path), 'buildkit-runc');
  const found = (await isExecutable(beside))
    ? beside
    : ((await which('buildkit-runc', env)) ?? (await which('runc', env)));
  if (found) return found;
  throw new TidegateError('tool', 'BuildKit needs runc, and there is none beside it or in PATH.', {
    next: 'Install it (Debian and Ubuntu: apt-get install runc), or let Tidegate download its pinned BuildKit.',
  });
}

/** https://github.com/moby/buildkit/blob/master/docs/rootless.md: the host's network, and no process sandbox of its own. */
async function rootless(daemon: readonly string[], env: Readonly<Record<string, string>>): Promise<string[]> {
  const rootlesskit = await which('rootlesskit', env);
  const mapper = await which('newuidmap', env);
  if (!rootlesskit || !mapper) {
    throw new TidegateError(
      'tool',
      `BuildKit cannot start without root here: ${rootlesskit ? 'newuidmap' : 'rootlesskit'} is not in PATH.`,
      {
        next: 'Install it (Debian and Ubuntu: apt-get install rootlesskit uidmap), or name a builder that exists (input builder, or BUILDKIT_HOST).',
      },
    );
  }
  const isolation = ['--net=host', '--copy-up=/etc', '--copy-up=/run', '--propagation=rslave'];
  return [rootlesskit, ...isolation, ...daemon, '--rootless', '--oci-worker-no-process-sandbox'];
}

async function isExecutable(path: string): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function which(name: string, env: Readonly<Record<string, string>>): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder.startsWith('/') && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

/** The daemon listens only once its workers are up: a connection is an answer. */
async function untilReady(socket: string, options: BuildkitOptions, ended: () => string | undefined): Promise<void> {
  const timeout = options.timeout ?? 60_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    if (options.signal?.aborted) throw new TidegateError('cancelled', 'Starting BuildKit was cancelled.');
    const why = ended();
    if (why !== undefined) throw new Error(why);
    if (await answers(socket)) return;
    if (Date.now() > deadline) throw new Error(`did not answer on ${socket} within ${timeout / 1000} s`);
    await wait(20);
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const end = (answered: boolean): void => {
      connection.destroy();
      resolve(answered);
    };
    connection.once('connect', () => end(true));
    connection.once('error', () => end(false));
  });
}

/** From SIGTERM (it ends its containers and unmounts) to SIGKILL. */
const STOP_WITHIN = 10_000;

/**
 * End a daemon that `startBuildkit` started, from any process, and remove its folder unless `keep`. Fine when it is
 * gone already.
 */
export async function stopBuildkit(daemon: {
  readonly pid: number;
  readonly address: string;
  readonly folder: string;
  readonly log: Log;
  /** Leave the folder: its state is the cache of the next build. */
  readonly keep?: boolean;
}): Promise<void> {
  const { pid, address, folder, log } = daemon;
  if (await isOurs(pid, address)) {
    signalGroup(pid, 'SIGTERM');
    const deadline = Date.now() + STOP_WITHIN;
    while (await isOurs(pid, address)) {
      if (Date.now() > deadline) {
        log.warning(`BuildKit (process ${pid}) did not end within ${STOP_WITHIN / 1000} s and was killed.`);
        signalGroup(pid, 'SIGKILL');
        break;
      }
      await wait(20);
    }
  } else {
    log.debug(`BuildKit (process ${pid}) is not running any more.`);
  }
  const socket = address.slice('unix://'.length);
  if (dirname(socket) !== folder) await rm(dirname(socket), { recursive: true, force: true });
  if (daemon.keep) return;
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    log.warning(`BuildKit's folder could not be removed: ${messageOf(error)}`);
  });
}

/** A process id may have passed to somebody else since it was saved: only a process that was given our socket is ours. */
async function isOurs(pid: number, address: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(address);
}
