import { access, constants, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { hasCode, TidegateError } from '@tidegate/core';
import type { ChildContext } from './child-context.ts';
import { makeFolder } from './folder.ts';
import { run } from './run.ts';
import type { Tool } from './tool.ts';

/** How the daemon is started, with the rights it needs. */
export interface Launch {
  readonly how: 'as root' | 'without root' | 'through sudo';
  readonly argv: readonly [program: string, ...rest: string[]];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface LaunchOptions {
  readonly tool: Tool;
  readonly folder: string;
  readonly address: string;
  /** buildkitd.toml: always given, so that the daemon does not read the machine's own. */
  readonly config: string;
  readonly context: ChildContext;
  readonly uid: number;
  readonly sudo: boolean;
}

/** The ways to start it here, in the order in which they are to be tried. */
export async function launches(options: LaunchOptions): Promise<readonly [Launch, ...Launch[]]> {
  const daemon = await daemonArgv(options);
  if (options.uid === 0) return [{ how: 'as root', argv: daemon }];
  const [rootless, sudo] = await Promise.all([withoutRoot(daemon, options), throughSudo(daemon, options)]);
  const [first, ...others] = [...rootless, ...sudo];
  if (first) return [first, ...others];
  throw new TidegateError(
    'tool',
    'BuildKit cannot start here: this is not root, and rootlesskit and newuidmap are not both in PATH.',
    {
      next: 'Install them (Debian and Ubuntu: apt-get install rootlesskit uidmap), or name a builder that exists (input builder, or BUILDKIT_HOST).',
    },
  );
}

async function daemonArgv({ tool, folder, address, config, context }: LaunchOptions): Promise<[string, ...string[]]> {
  const argv: [string, ...string[]] = [tool.path, '--root', join(folder, 'root'), '--addr', address];
  // Its default lies below /run: out of reach without root, and shared by every daemon of the machine.
  argv.push('--otel-socket-path', join(dirname(address.slice('unix://'.length)), 'otel.sock'));
  argv.push('--oci-worker-binary', await runtime(tool, context.env), '--containerd-worker=false');
  // Without CNI a RUN step has the host's network anyway; this lets a build ask for it by name (input network).
  argv.push('--allow-insecure-entitlement', 'network.host');
  argv.push('--config', config);
  return argv;
}

/** BuildKit's release carries a runc of its own beside the daemon; a machine's own does as well. */
async function runtime(tool: Tool, env: Readonly<Record<string, string>>): Promise<string> {
  const beside = join(dirname(tool.path), 'buildkit-runc');
  if (await isExecutable(beside)) return beside;
  const found = (await which('buildkit-runc', env)) ?? (await which('runc', env));
  if (found) return found;
  throw new TidegateError('tool', 'BuildKit needs runc, and there is none beside it or in PATH.', {
    next: 'Install it (Debian and Ubuntu: apt-get install runc), or let Tidegate download its pinned BuildKit.',
  });
}

/** https://github.com/moby/buildkit/blob/master/docs/rootless.md: the host's network, and no process sandbox of its own. */
async function withoutRoot(daemon: readonly string[], { folder, context }: LaunchOptions): Promise<Launch[]> {
  const { env } = context;
  const rootlesskit = await which('rootlesskit', env);
  if (!rootlesskit || !(await which('newuidmap', env))) return [];
  const isolation = ['--net=host', '--copy-up=/etc', '--copy-up=/run', '--propagation=rslave'];
  const argv = [...isolation, ...daemon, '--rootless', '--oci-worker-no-process-sandbox'];
  // runc keeps its containers there, else below /run, which is root's. A job has no login session that made one.
  const runtimeFolder = join(folder, 'run');
  await makeFolder(runtimeFolder, 0o700);
  return [{ how: 'without root', argv: [rootlesskit, ...argv], env: { XDG_RUNTIME_DIR: runtimeFolder } }];
}

/** Where the user may become root without a password, as on GitHub's own runners. The socket stays the user's. */
async function throughSudo(daemon: readonly string[], { folder, context, sudo }: LaunchOptions): Promise<Launch[]> {
  const { env } = context;
  const program = sudo ? await which('sudo', env) : undefined;
  if (!program || !(await maySudo(program, context))) return [];
  // By name, so that what a proxy's URL holds is in no argument list; PATH is sudo's own (secure_path).
  const kept = Object.keys(env).filter((name) => name !== 'PATH');
  const { gid } = await stat(folder);
  const argv = ['-n', `--preserve-env=${kept.join(',')}`, '--', ...daemon, '--group', String(gid)];
  return [{ how: 'through sudo', argv: [program, ...argv] }];
}

async function maySudo(program: string, context: ChildContext): Promise<boolean> {
  try {
    await run(program, ['-n', 'true'], { context, timeout: 10_000 });
    return true;
  } catch (error) {
    if (hasCode(error, 'tool')) return false;
    throw error;
  }
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
