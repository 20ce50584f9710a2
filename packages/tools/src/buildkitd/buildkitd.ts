import { spawn } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { digestOf, hasKind, hexOf, type Log, messageOf, TidegateError } from '@tidegate/core';
import { type ChildContext, childContexts } from '../run/child-context.ts';
import { endDaemon } from '../run/daemon.ts';
import { makeFolder } from '../run/folder.ts';
import { lastLines } from '../run/stderr-lines.ts';
import { prepareBridge, type ReadMachine } from '../step-network/bridge.ts';
import { removeBridge } from '../step-network/remove.ts';
import type { RunNetwork, Tool } from '../toolbox/tool.ts';
import { type BuildkitConfig, daemonToml, NO_CONFIG } from './config.ts';
import { type Launch, launches, type StepNetwork } from './launch.ts';
import { runtimeFor } from './runtime.ts';
import { answers, socketPath } from './socket.ts';
import { stopBuildkit } from './stop.ts';

export interface BuildkitOptions {
  readonly tool: Tool;
  /** Folder for the daemon's state, socket and log. Created if missing; no other user should be able to write to it. */
  readonly folder: string;
  /** The job's environment. runc, rootlesskit and git are searched in its PATH, but not in `workspace`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: string;
  readonly log: Log;
  /** The user id of this process: 0 starts the daemon directly, any other value through rootlesskit. */
  readonly uid: number;
  /**
   * If the daemon does not start without root: whether it may be started through sudo, if sudo requires no password.
   */
  readonly sudo?: boolean;
  /** Settings of buildkitd.toml. Default: none. The machine's own file is never read. */
  readonly config?: BuildkitConfig | undefined;
  /**
   * `apart`: RUN steps get a network separate from the runner's, if this machine supports it; otherwise the log gives
   * the reason. Default `host`: they use the runner's network.
   */
  readonly network?: 'apart' | 'host';
  /**
   * A build will request the runner's network by name, which a rootless daemon in a separate network cannot provide.
   */
  readonly asksForHost?: boolean;
  /** Privileges that builds may request besides the host's network: `security.insecure`, `device`. Default: none. */
  readonly privileges?: readonly string[];
  /** Reads files of the machine to decide this. Default: this machine. */
  readonly read?: ReadMachine;
  /** Timeout for the first response, in milliseconds. Default 60,000. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called for each started process, before anything is awaited: if this process is killed meanwhile, the daemon must
   * already be recorded.
   */
  readonly onStart?: (daemon: DaemonProcess) => void;
}

/** The data that `stopBuildkit` needs. */
export interface DaemonProcess {
  /** `unix:///…/buildkitd.sock`, in the format of BUILDKIT_HOST and buildx's remote driver. */
  readonly address: string;
  readonly pid: number;
  readonly folder: string;
}

export interface RunningBuildkit extends DaemonProcess {
  /** The actual network of RUN steps that do not select one. */
  readonly network: Exclude<RunNetwork, 'unknown'>;
  stop(): Promise<void>;
}

/** The address of a daemon that already responds in `folder`: an earlier step of the same job started it. */
export async function runningBuildkit(folder: string): Promise<string | undefined> {
  const socket = await readFile(join(folder, 'socket'), 'utf8').catch(() => undefined);
  return socket !== undefined && (await answers(socket)) ? `unix://${socket}` : undefined;
}

/**
 * Start a BuildKit daemon that outlives this process: it has its own session and process group, and does not keep this
 * process's output open, so that the step ends when the build does. `stopBuildkit` stops it from another process.
 */
export async function startBuildkit(options: BuildkitOptions): Promise<RunningBuildkit> {
  const { tool, folder, log, env, workspace } = options;
  await makeFolder(folder, 0o700);
  const already = await runningBuildkit(folder);
  if (already !== undefined) {
    throw new TidegateError('buildkit-running', `A BuildKit is already running on ${already}.`, {
      next: 'Use it (BUILDKIT_HOST), stop it, or set another folder for this one.',
    });
  }
  const socket = await socketPath(folder);
  await writeFile(join(folder, 'socket'), socket);
  const address = `unix://${socket}`;
  const config = join(folder, 'buildkitd.toml');
  await writeConfig(config, options.config ?? NO_CONFIG, folder);
  const steps = options.network === 'apart' ? await stepNetwork(options) : 'host';
  // Use the daemon's own folder: the daemon outlives the step.
  const children = childContexts({ env, folder: join(folder, 'children'), workspace });
  const context = await children.create({ cwd: folder });
  const runtime = await runtimeFor(tool, folder, context.env);
  const ways = await launches({
    ...{ program: tool.path, runtime, folder, address, config, context, steps, uid: options.uid },
    ...{ sudo: options.sudo ?? false, asksForHost: options.asksForHost ?? false, privileges: options.privileges ?? [] },
  });
  for (const [at, launch] of ways.entries()) {
    try {
      const pid = await start(launch, address, options, context);
      const { how, network, why } = launch;
      log.debug(`BuildKit ${tool.version}, started ${how}, listens on ${address} (process ${pid}).`);
      if (why !== undefined) {
        log.notice(`RUN steps share the network of the runner, including services on its 127.0.0.1: ${why}.`);
      }
      const running = { pid, address, folder, network };
      return { ...running, stop: () => stopBuildkit({ ...running, log }) };
    } catch (error) {
      if (launch.network === 'bridge') await removeBridge(folder, log);
      if (!hasKind(error, 'tool') || at === ways.length - 1) {
        await stopBuildkit({ pid: 0, address, folder, log, keep: true });
        throw error;
      }
      log.notice(`${error.message}\nTrying another way.`);
    }
  }
  throw new TidegateError('buildkit-not-started', 'BuildKit did not start.');
}

async function stepNetwork({ tool, folder, config = NO_CONFIG, read }: BuildkitOptions): Promise<StepNetwork> {
  const bridge = await prepareBridge({ tool, folder, read, hasResolver: config.dns?.nameservers !== undefined });
  if (typeof bridge === 'string') return { why: bridge };
  const path = join(folder, 'buildkitd-bridge.toml');
  const dns = bridge.dns && { ...bridge.dns, ...config.dns };
  await writeConfig(
    path,
    { ...config, worker: { ...config.worker, ...bridge.worker }, dns: dns ?? config.dns },
    folder,
  );
  return { bridge: path };
}

/** Certificates are copied: the daemon outlives the step, and reads them whenever it connects. */
async function writeConfig(path: string, config: BuildkitConfig, folder: string): Promise<void> {
  const certificates = join(folder, 'certificates');
  await makeFolder(certificates, 0o700);
  const saved = async (certificate: string): Promise<string> => {
    const copy = join(certificates, `${hexOf(digestOf(Buffer.from(certificate)))}.pem`);
    await writeFile(copy, certificate);
    return copy;
  };
  await writeFile(path, await daemonToml(config, saved));
}

async function start(
  launch: Launch,
  address: string,
  options: BuildkitOptions,
  { cwd, env }: ChildContext,
): Promise<number> {
  const { folder, log } = options;
  const socket = address.slice('unix://'.length);
  const logFile = join(folder, 'buildkitd.log');
  const output = await open(logFile, 'w', 0o600);
  const [program, ...argv] = launch.argv;
  const child = spawn(program, argv, {
    cwd,
    env: { ...env, ...launch.env },
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = `could not start: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    ended = signal ? `was killed by ${signal}` : `exited with code ${code}`;
  });
  child.unref();
  const pid = child.pid ?? 0;
  if (pid > 0) options.onStart?.({ pid, address, folder });
  await output.close();
  try {
    await untilReady(socket, options, () => ended);
    return pid;
  } catch (error) {
    await endDaemon({ name: 'BuildKit', pid, mark: address }, log);
    if (error instanceof TidegateError) throw error;
    const said = lastLines(await readFile(logFile, 'utf8').catch(() => ''));
    const message = `BuildKit, started ${launch.how}, ${messageOf(error)}`;
    throw new TidegateError('buildkit-not-started', said === '' ? message : `${message}. Last output:\n${said}`, {
      next: 'Check its output above, or use your own BuildKit (input builder, or BUILDKIT_HOST).',
      cause: error,
    });
  }
}

async function untilReady(socket: string, options: BuildkitOptions, ended: () => string | undefined): Promise<void> {
  const timeout = options.timeout ?? 60_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    if (options.signal?.aborted) throw new TidegateError('cancelled', 'Starting BuildKit was cancelled.');
    const why = ended();
    if (why !== undefined) throw new Error(why);
    if (await answers(socket)) return;
    if (Date.now() > deadline) throw new Error(`did not respond on ${socket} within ${timeout / 1000} s`);
    await wait(20);
  }
}
