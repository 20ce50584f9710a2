import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasKind, TidegateError } from '@tidegate/core';
import type { ChildContext } from '../run/child-context.ts';
import { makeFolder } from '../run/folder.ts';
import { shortCommand } from '../run/short-command.ts';
import { which } from '../run/which.ts';
import type { RunNetwork } from '../toolbox/tool.ts';

/** A command that starts the daemon, with the required privileges. */
export interface Launch {
  readonly how: 'as root' | 'without root' | 'through sudo';
  readonly argv: readonly [program: string, ...rest: string[]];
  /** Added to the environment of the daemon. */
  readonly env?: Readonly<Record<string, string>>;
  /** Network of RUN steps that do not select one. */
  readonly network: Exclude<RunNetwork, 'unknown'>;
  /** Why it is the runner's network, if another one was requested. */
  readonly why?: string;
}

/** The requested network of RUN steps: the runner's, or a separate one, with a bridge if it can be created. */
export type StepNetwork = 'host' | Bridged | Unbridged;
interface Bridged {
  /** buildkitd.toml with the bridge configuration. */
  readonly bridge: string;
}
interface Unbridged {
  readonly why: string;
}

export interface LaunchOptions {
  readonly program: string;
  /** Path of runc. */
  readonly runtime: string;
  readonly folder: string;
  readonly address: string;
  /** buildkitd.toml: always passed, so that the daemon does not read the machine's own. */
  readonly config: string;
  readonly steps: StepNetwork;
  /** A build will request the runner's network by name. */
  readonly asksForHost: boolean;
  /** Granted besides the host's network. */
  readonly privileges: readonly string[];
  readonly context: ChildContext;
  readonly uid: number;
  readonly sudo: boolean;
}

/**
 * The possible ways to start the daemon here, in the order to try: first those that separate RUN steps from the runner.
 * A daemon without separation is better than none.
 */
export async function launches(options: LaunchOptions): Promise<readonly [Launch, ...Launch[]]> {
  const rootful = rootfulDaemons(options);
  const ways: Launch[] = [];
  if (options.uid === 0) {
    ways.push(...rootful.map((one) => asRoot(one, options)));
  } else {
    ways.push(...(await withoutRoot(options)));
    const sudo = await passwordlessSudo(options);
    if (sudo) for (const one of rootful) ways.push(await throughSudo(sudo, one, options));
  }
  const [first, ...others] = ways.toSorted((one, other) => Number(isShared(one)) - Number(isShared(other)));
  if (first) return [first, ...others];
  throw new TidegateError(
    'buildkit-requirements',
    'BuildKit cannot start: this user is not root, and rootlesskit or newuidmap is not in PATH.',
    {
      next: 'Install them (Debian and Ubuntu: apt-get install rootlesskit uidmap), or set an existing builder (input builder, or BUILDKIT_HOST).',
    },
  );
}

const isShared = ({ why }: Launch): boolean => why !== undefined;

/** How to start the daemon, without the privileges. */
interface Daemon extends Pick<Launch, 'network' | 'why'> {
  readonly daemon: readonly [program: string, ...rest: string[]];
}

/** Only root may create a bridge. */
function rootfulDaemons(options: LaunchOptions): readonly Daemon[] {
  const { steps, config } = options;
  const daemon = daemonArgv(options, config, 'host');
  if (steps === 'host') return [{ daemon, network: 'host' }];
  if ('why' in steps) return [{ daemon, network: 'host', why: steps.why }];
  return [
    { daemon: daemonArgv(options, steps.bridge, 'cni'), network: 'bridge' },
    { daemon, network: 'host', why: 'BuildKit did not start with a bridge' },
  ];
}

function asRoot({ daemon, network, ...rest }: Daemon, { context }: LaunchOptions): Launch {
  const launch = { how: 'as root', argv: daemon, network, ...rest } as const;
  // The plugins need iptables, which the PATH of a regular user may not contain.
  const PATH = [context.env.PATH, '/usr/sbin', '/sbin'].filter(Boolean).join(':');
  return network === 'bridge' ? { ...launch, env: { PATH } } : launch;
}

function daemonArgv(
  { program, runtime, folder, address, privileges }: LaunchOptions,
  config: string,
  network: 'cni' | 'host',
): [string, ...string[]] {
  const argv: [string, ...string[]] = [program, '--root', join(folder, 'root'), '--addr', address];
  // The default is in /run: not writable without root, and shared by every daemon of the machine.
  argv.push('--otel-socket-path', join(dirname(address.slice('unix://'.length)), 'otel.sock'));
  argv.push('--oci-worker-binary', runtime, '--containerd-worker=false');
  // By default the daemon would use a network that is configured in /etc/buildkit/cni.json.
  argv.push('--oci-worker-net', network);
  // A build may still request the host's network by name (input network).
  for (const privilege of ['network.host', ...privileges]) argv.push('--allow-insecure-entitlement', privilege);
  argv.push('--config', config);
  return argv;
}

/**
 * https://github.com/moby/buildkit/blob/master/docs/rootless.md: no process sandbox. RUN steps share the daemon's
 * network, so a network separate from the runner's also separates the daemon from it.
 */
async function withoutRoot(options: LaunchOptions): Promise<Launch[]> {
  const { folder, context, config, steps, asksForHost } = options;
  const { env } = context;
  const rootlesskit = await which('rootlesskit', env);
  if (!rootlesskit || !(await which('newuidmap', env))) return [];
  // runc stores its containers there; its default is in /run, which belongs to root. A job has no login session that
  // created this folder.
  const runtimeFolder = join(folder, 'run');
  await makeFolder(runtimeFolder, 0o700);
  const launch = (network: 'slirp' | 'host', ...flags: string[]): Launch => {
    const isolation = [...flags, '--copy-up=/etc', '--copy-up=/run', '--propagation=rslave'];
    const daemon = [...daemonArgv(options, config, 'host'), '--rootless', '--oci-worker-no-process-sandbox'];
    const argv = [rootlesskit, ...isolation, ...daemon] as const;
    return { how: 'without root', argv, env: { XDG_RUNTIME_DIR: runtimeFolder }, network };
  };
  const host = launch('host', '--net=host');
  if (steps === 'host' || asksForHost) return [host];
  if (!(await which('slirp4netns', env)))
    return [{ ...host, why: 'rootless BuildKit needs slirp4netns in PATH for it' }];
  return [
    launch('slirp', '--net=slirp4netns', '--mtu=65520', '--disable-host-loopback'),
    { ...host, why: 'BuildKit did not start with slirp4netns' },
  ];
}

/** Path of sudo, if the user can become root without a password, as on GitHub's own runners. */
async function passwordlessSudo({ context, sudo }: LaunchOptions): Promise<string | undefined> {
  const program = sudo ? await which('sudo', context.env) : undefined;
  return program && (await maySudo(program, context)) ? program : undefined;
}

/** The socket still belongs to the user. */
async function throughSudo(
  sudo: string,
  { daemon, ...rest }: Daemon,
  { folder, context }: LaunchOptions,
): Promise<Launch> {
  // Pass variables by name, so that credentials in a proxy's URL are in no argument list. PATH comes from sudo
  // (secure_path).
  const kept = Object.keys(context.env).filter((name) => name !== 'PATH');
  const { gid } = await stat(folder);
  const argv = ['-n', `--preserve-env=${kept.join(',')}`, '--', ...daemon, '--group', String(gid)];
  return { how: 'through sudo', argv: [sudo, ...argv], ...rest };
}

async function maySudo(program: string, context: ChildContext): Promise<boolean> {
  try {
    await shortCommand(program, ['-n', 'true'], { context, timeout: 10_000 });
    return true;
  } catch (error) {
    if (hasKind(error, 'tool')) return false;
    throw error;
  }
}
