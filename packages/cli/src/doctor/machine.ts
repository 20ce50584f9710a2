import { access, readFile, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { formatBytes, messageOf, type Platform, parsePlatform } from '@tidegate/core';
import { PINS, silenceOf, TOOL_NAMES, which } from '@tidegate/tools';
import { type Check, failed, ok, warning } from './check.ts';

/** The facts of a machine that the checks read. */
export interface Machine {
  readonly os: NodeJS.Platform;
  readonly platform: Platform;
  readonly nodeVersion: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const OLDEST_NODE = 20;

export function nodeCheck({ nodeVersion }: Machine): Check {
  const major = Number(nodeVersion.split('.')[0]);
  if (major >= OLDEST_NODE) return ok('node', nodeVersion);
  return failed('node', `${nodeVersion} is too old.`, `Install Node ${OLDEST_NODE} or newer.`);
}

export async function gitCheck({ env }: Machine): Promise<Check> {
  const git = await which('git', env);
  return git ? ok('git', git) : failed('git', 'git is not in PATH.', 'Install git: the commit is read with it.');
}

const DOCKER_SOCKET = '/var/run/docker.sock';

/** In the order in which a build chooses: a named builder, BUILDKIT_HOST, docker's BuildKit, our own. */
export async function engineCheck(machine: Machine, builder: string, socket = DOCKER_SOCKET): Promise<Check> {
  const { env } = machine;
  if (builder !== '') {
    return (await which('docker', env))
      ? ok('engine', `buildx builder ${builder}`)
      : warning(
          'engine',
          `buildx builder ${builder}, but docker is not in PATH.`,
          'Install docker, or leave out --builder.',
        );
  }
  if (env.BUILDKIT_HOST) return buildkitCheck(env.BUILDKIT_HOST);
  const own = await ownCheck(machine);
  // Whether its image store is containerd's is known once buildx has asked it: the log of a build says so.
  if (own.status === 'ok' && (await hasDocker(env, socket)))
    return ok('engine', `docker's BuildKit if it can export OCI layouts, else ${own.detail}`);
  return own;
}

async function hasDocker({ DOCKER_HOST: host }: Machine['env'], socket: string): Promise<boolean> {
  return (
    Boolean(host) ||
    access(socket).then(
      () => true,
      () => false,
    )
  );
}

async function ownCheck({ env, os, uid }: Machine): Promise<Check> {
  if (os !== 'linux') {
    const fix =
      'Turn on the containerd image store of docker, whose BuildKit is then used; or create a builder (docker buildx create --name tidegate), and give --builder tidegate.';
    return failed('engine', `Tidegate's own BuildKit runs on Linux, and this is ${os}.`, fix);
  }
  if (uid === 0) return ok('engine', "Tidegate's own BuildKit, as root");
  const missing: string[] = [];
  for (const program of ['rootlesskit', 'newuidmap']) if (!(await which(program, env))) missing.push(program);
  if (missing.length === 0) return ok('engine', "Tidegate's own BuildKit, without root");
  if (await which('sudo', env)) {
    return warning(
      'engine',
      `${missing.join(' and ')} not in PATH: Tidegate's own BuildKit needs sudo without a password.`,
      'Install rootlesskit and uidmap, or give --builder or BUILDKIT_HOST.',
    );
  }
  return failed(
    'engine',
    `This user is not root, and ${missing.join(' and ')} is not in PATH.`,
    'Install rootlesskit and uidmap, or give --builder or BUILDKIT_HOST.',
  );
}

const PATIENCE = 3000;

async function buildkitCheck(address: string): Promise<Check> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const to = url && socketOf(url);
  if (!to) return warning('engine', `BUILDKIT_HOST ${address} is not checked.`, 'Only unix:// and tcp:// are checked.');
  // A daemon on TCP usually wants a client certificate: then only the connection can be checked.
  const why = to.host === undefined ? await silenceOf(to, PATIENCE) : await refusalOf(to);
  if (why === undefined) return ok('engine', `BUILDKIT_HOST ${address} responds`);
  return failed('engine', `BUILDKIT_HOST ${address}: ${why}.`, 'Start that BuildKit, or unset BUILDKIT_HOST.');
}

type Socket = { readonly path: string; readonly host?: undefined } | { readonly host: string; readonly port: number };

function socketOf({ protocol, pathname, hostname, port }: URL): Socket | undefined {
  if (protocol === 'unix:') return { path: pathname };
  return protocol === 'tcp:' ? { host: hostname, port: Number(port || 1234) } : undefined;
}

function refusalOf(to: { readonly host: string; readonly port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, timeout: PATIENCE });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no connection within ${PATIENCE / 1000} s`));
    socket.once('error', (error) => end(messageOf(error)));
  });
}

/** Names of Linux' handlers, by architecture of OCI. */
const HANDLERS: Readonly<Record<string, string>> = {
  ...{ amd64: 'qemu-x86_64', arm64: 'qemu-aarch64', arm: 'qemu-arm', '386': 'qemu-i386' },
  ...{ ppc64le: 'qemu-ppc64le', s390x: 'qemu-s390x', riscv64: 'qemu-riscv64' },
};

/** @param folder of the kernel's binfmt_misc */
export async function emulationCheck(
  { platform, env }: Machine,
  platforms: readonly string[],
  folder = '/proc/sys/fs/binfmt_misc',
): Promise<Check> {
  const foreign = platforms
    .map((text) => parsePlatform(text).architecture)
    .filter((one) => one !== platform.architecture);
  if (foreign.length === 0) return ok('emulation', 'not needed');
  if (env.BUILDKIT_HOST) return ok('emulation', 'left to the BuildKit of BUILDKIT_HOST');
  const missing: string[] = [];
  for (const one of new Set(foreign)) {
    const handler = await readFile(join(folder, HANDLERS[one] ?? `qemu-${one}`), 'utf8').catch(() => '');
    if (!handler.startsWith('enabled')) missing.push(one);
  }
  if (missing.length === 0) return ok('emulation', `QEMU for ${foreign.join(', ')}`);
  return failed(
    'emulation',
    `No QEMU is registered for ${missing.join(', ')}: RUN steps of that platform fail.`,
    'Run docker run --privileged --rm tonistiigi/binfmt --install all, or install qemu-user-static.',
  );
}

const GIB = 1024 ** 3;
const LEAST = 2 * GIB;
const COMFORTABLE = 10 * GIB;

/** @param bytes free bytes, for tests */
export async function diskCheck(folder: string, bytes?: number): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bytes ?? bavail * bsize;
  const detail = `${formatBytes(free)} free at ${folder}`;
  const fix = 'Free space, or set XDG_CACHE_HOME to a folder on a larger disk.';
  if (free < LEAST) return failed('disk', detail, fix);
  return free < COMFORTABLE ? warning('disk', detail, fix) : ok('disk', detail);
}

/** Programs are downloaded when they are needed: only a folder of the user's own can lack one. */
export async function toolsCheck(folder: string): Promise<Check> {
  const pinned = TOOL_NAMES.map((name) => `${name} ${PINS[name].version}`).join(', ');
  if (folder === '') return ok('tools', `pinned releases: ${pinned}`);
  const missing: string[] = [];
  for (const name of TOOL_NAMES) if (!(await which(name, { PATH: folder }))) missing.push(name);
  if (missing.length === 0) return ok('tools', `all in ${folder}`);
  return warning(
    'tools',
    `${missing.join(', ')} not in ${folder}: the pinned release is used.`,
    'Add them to that folder.',
  );
}
