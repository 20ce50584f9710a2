import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Log } from '@tidegate/core';
import { toolAt } from '../toolbox/toolbox.ts';
import { type DaemonProcess, runningBuildkit, startBuildkit } from './buildkitd.ts';
import { stopBuildkit } from './stop.ts';

let folder: string;
let said: string[];
let log: Log;
/** Process ids of daemons, which a failed test does not stop. */
const started: number[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-buildkitd-'));
  said = [];
  const say = (message: string) => void said.push(message);
  log = {
    debug: say,
    info: say,
    notice: say,
    warning: say,
    group: (_, work) => work(log),
    mask: say,
    redact: (text) => text,
  };
});
afterEach(async () => {
  for (const pid of started.splice(0)) {
    // The id may have been reused by another program.
    if ((await commandLine(pid)).includes(folder)) process.kill(pid, 'SIGKILL');
  }
  await rm(folder, { recursive: true, force: true });
});

/** Records its arguments and environment for the test; with its pid the test detects that it has ended. */
const NOTES = `require('fs').writeFileSync(__filename + '.json', JSON.stringify({ argv: process.argv.slice(2), env: process.env, pid: process.pid }));`;
const LISTEN = `const socket = process.argv[process.argv.indexOf('--addr') + 1].slice('unix://'.length);
const serve = (greet) => require('net').createServer((peer) => { peer.on('error', () => {}); if (greet) peer.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])); }).listen(socket);`;

const SERVES = `${NOTES}${LISTEN} serve(true);`;

/** Creates a JavaScript program with this name in `programs`. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, 'programs', name);
  await mkdir(join(folder, 'programs'), { recursive: true });
  await writeFile(path, `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  return path;
}

async function start(script: string, more: Partial<Parameters<typeof startBuildkit>[0]> = {}) {
  const path = await program('buildkitd', script);
  await program('buildkit-runc', '');
  const tool = toolAt('buildkitd', path);
  const daemon = await startBuildkit({ tool, ...usual(), uid: 0, timeout: 5000, ...more });
  started.push(daemon.pid);
  return daemon;
}

const usual = () => ({
  folder: join(folder, 'state'),
  env: { PATH: join(folder, 'programs'), HOME: '/home/runner', XDG_CONFIG_HOME: '/home/runner/.config' },
  workspace: '/none',
  log,
});

const notes = async (name = 'buildkitd') =>
  JSON.parse(await readFile(join(folder, 'programs', `${name}.json`), 'utf8')) as {
    argv: string[];
    env: Record<string, string>;
    pid: number;
  };
/** Empty once it has ended, reaped by its parent or not. */
const commandLine = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

describe('a daemon that starts', () => {
  test('is found by a later step, and stopped by another process that knows its pid, with its folder', async () => {
    const daemon = await start(SERVES);
    expect(await runningBuildkit(daemon.folder)).toBe(daemon.address);
    await expect(start(SERVES)).rejects.toMatchObject({ id: 'buildkit-running' });
    await stopBuildkit({ pid: daemon.pid, address: daemon.address, folder: daemon.folder, log });
    expect(await commandLine(daemon.pid)).toBe('');
    await expect(stat(daemon.folder)).rejects.toThrow('ENOENT');
    expect(await runningBuildkit(daemon.folder)).toBeUndefined();
  });

  test('keeps its folder where its state is to be the next cache', async () => {
    const daemon = await start(SERVES);
    await stopBuildkit({ ...daemon, log, keep: true });
    await expect(stat(daemon.folder)).resolves.toBeDefined();
  });

  test('uses the runc beside it, no socket below /run, a configuration and folders of its own', async () => {
    const daemon = await start(SERVES);
    const { argv, env } = await notes();
    expect(argv).toEqual([
      ...['--root', join(daemon.folder, 'root'), '--addr', daemon.address],
      ...['--otel-socket-path', join(daemon.folder, 'otel.sock')],
      ...['--oci-worker-binary', join(daemon.folder, 'programs', 'buildkit-runc'), '--containerd-worker=false'],
      ...['--oci-worker-net', 'host', '--allow-insecure-entitlement', 'network.host'],
      ...['--config', join(daemon.folder, 'buildkitd.toml')],
    ]);
    const { PATH, ...others } = env;
    expect(PATH).toBe(join(folder, 'programs'));
    // No configuration of the user or the machine: HOME and the XDG folders are the daemon's own.
    expect(Object.keys(others)).toEqual(
      expect.arrayContaining(['HOME', 'TMPDIR', 'XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS']),
    );
    expect(Object.values(others).filter((value) => !value.startsWith(daemon.folder))).toEqual([]);
    await daemon.stop();
  });

  test('is started by rootlesskit where this is not root', async () => {
    await program('newuidmap', '');
    await program('rootlesskit', `${SERVES}`);
    const daemon = await start('', { uid: 1000 });
    const { argv, env } = await notes('rootlesskit');
    expect(argv).toEqual(expect.arrayContaining(['--net=host', '--rootless', '--oci-worker-no-process-sandbox']));
    expect(env.XDG_RUNTIME_DIR).toBe(join(daemon.folder, 'run'));
    await daemon.stop();
  });

  test('through sudo where rootlesskit fails and the caller allows it, its environment by name', async () => {
    await program('newuidmap', '');
    await program('rootlesskit', `console.error('forbidden by AppArmor'); process.exit(1)`);
    await program('sudo', `if (process.argv.includes('true')) process.exit(0); ${SERVES}`);
    const env = { PATH: join(folder, 'programs'), HTTPS_PROXY: 'http://user:s3cret@proxy' };
    const daemon = await start('', { uid: 1000, sudo: true, env });
    const { argv } = await notes('sudo');
    expect(argv.slice(0, 3)).toEqual(['-n', expect.stringMatching(/^--preserve-env=HTTPS_PROXY,HOME,.*TMPDIR$/), '--']);
    expect(argv.join(' ')).not.toContain('s3cret');
    expect(said.join('\n')).toContain('forbidden by AppArmor');
    await daemon.stop();
  });

  test('lies too deep for a socket: the socket goes to a private folder, and away with the daemon', async () => {
    const daemon = await start(SERVES, { folder: join(folder, 'd'.repeat(110)) });
    expect(daemon.address.length).toBeLessThan(100);
    const { mode } = await stat(join(daemon.address.slice('unix://'.length), '..'));
    expect(mode & 0o777).toBe(0o700);
    await daemon.stop();
    await expect(stat(join(daemon.address.slice('unix://'.length), '..'))).rejects.toThrow('ENOENT');
  });
});

describe('a network for RUN steps', () => {
  const PLUGINS = ['bridge', 'host-local', 'firewall', 'loopback'];
  const withPlugins = async () => {
    for (const name of PLUGINS) await program(`buildkit-cni-${name}`, '');
  };
  /** A machine with no routes and no resolver. */
  const apart = { network: 'apart', read: async () => undefined } as const;
  /** A daemon that cannot create a bridge, like one without the required privileges. */
  const NO_BRIDGE = `if (process.argv.includes('cni')) { console.error('CNI setup error: operation not permitted'); process.exit(1); } ${SERVES}`;

  test('is made by the daemon from plugins in its own folder, which outlives that of its release', async () => {
    await withPlugins();
    const daemon = await start(SERVES, {
      ...apart,
      config: {
        registries: [{ host: 'docker.io', mirrors: ['mirror.example/hub'], ca: ['a certificate'] }],
        worker: { 'max-parallelism': 2 },
        dns: { nameservers: ['10.0.0.2'] },
      },
    });
    const { argv } = await notes();
    await rm(join(folder, 'programs'), { recursive: true });
    expect(daemon.network).toBe('bridge');
    expect(argv).toEqual(expect.arrayContaining(['--oci-worker-net', 'cni']));
    const config = await readFile(argv[argv.indexOf('--config') + 1] ?? '', 'utf8');
    expect(config).toMatch(/^\[worker\.oci\]\nmax-parallelism = 2\nnetworkMode = "cni"\n/);
    expect(config).toContain('[dns]\nnameservers = ["10.0.0.2"]\n');
    expect(config).toContain('[registry."docker.io"]\nmirrors = ["mirror.example/hub"]\nca = ["');
    const [, certificate = ''] = /ca = \["(.*)"\]/.exec(config) ?? [];
    expect(await readFile(certificate, 'utf8')).toBe('a certificate');
    const [, binaries = '""'] = /cniBinaryPath = (.*)/.exec(config) ?? [];
    expect((await readdir(JSON.parse(binaries))).toSorted()).toEqual(PLUGINS.toSorted());
    expect((await stat(argv[argv.indexOf('--oci-worker-binary') + 1] ?? '')).isFile()).toBe(true);
    expect(said.join('\n')).not.toMatch(/network of the runner/);
    await daemon.stop();
  });

  test("is the runner's where the machine lets no bridge be made, and the log says so", async () => {
    await withPlugins();
    const daemon = await start(NO_BRIDGE, apart);
    expect(daemon.network).toBe('host');
    expect(said.join('\n')).toMatch(/operation not permitted/);
    expect(said.join('\n')).toMatch(/RUN steps share the network of the runner, .*127\.0\.0\.1/);
    await daemon.stop();
  });

  test('is that of a daemon without root, apart from the runner by slirp4netns', async () => {
    for (const name of ['newuidmap', 'slirp4netns']) await program(name, '');
    await program('rootlesskit', SERVES);
    const daemon = await start('', { uid: 1000, ...apart });
    expect(daemon.network).toBe('slirp');
    const { argv } = await notes('rootlesskit');
    expect(argv).toEqual(expect.arrayContaining(['--net=slirp4netns', '--disable-host-loopback', '--rootless']));
    // A rootless daemon never has a bridge, so no message about it is expected.
    expect(said.join('\n')).not.toMatch(/network of the runner/);
    await daemon.stop();
  });

  test.each([
    ['there is no slirp4netns', [], SERVES, /needs slirp4netns in PATH/],
    [
      'slirp4netns does not work',
      ['slirp4netns'],
      `if (process.argv.includes('--net=slirp4netns')) { console.error('/dev/net/tun: no'); process.exit(1); } ${SERVES}`,
      /did not start with slirp4netns/,
    ],
  ])("is the runner's where the daemon has no root and %s, and the log says so", async (_, more, script, why) => {
    for (const name of ['newuidmap', ...more]) await program(name, '');
    await program('rootlesskit', script);
    const daemon = await start('', { uid: 1000, ...apart });
    expect(daemon.network).toBe('host');
    expect(said.join('\n')).toMatch(/RUN steps share the network of the runner, .*127\.0\.0\.1/);
    expect(said.join('\n')).toMatch(why);
    await daemon.stop();
  });

  test("is the runner's for a daemon without root whose build asks for that", async () => {
    for (const name of ['newuidmap', 'slirp4netns']) await program(name, '');
    await program('rootlesskit', SERVES);
    const daemon = await start('', { uid: 1000, ...apart, asksForHost: true });
    expect(daemon.network).toBe('host');
    expect(said.join('\n')).not.toMatch(/network of the runner/);
    await daemon.stop();
  });

  test('apart from the runner goes before a daemon without root that shares it', async () => {
    await withPlugins();
    await program('newuidmap', '');
    await program('rootlesskit', `console.error('not wanted'); process.exit(1)`);
    await program('sudo', `if (process.argv.includes('true')) process.exit(0); ${SERVES}`);
    const daemon = await start('', { uid: 1000, sudo: true, ...apart });
    expect(daemon.network).toBe('bridge');
    expect(said.join('\n')).not.toMatch(/not wanted/);
    await daemon.stop();
  });

  test('is given through sudo as well', async () => {
    await withPlugins();
    await program('sudo', `if (process.argv.includes('true')) process.exit(0); ${SERVES}`);
    const daemon = await start('', { uid: 1000, sudo: true, ...apart });
    expect(daemon.network).toBe('bridge');
    await daemon.stop();
  });
});

describe('a daemon that does not', () => {
  test('says what it said last', async () => {
    await expect(start(`console.error('no space left'); process.exit(1)`)).rejects.toMatchObject({
      kind: 'tool',
      message: expect.stringMatching(/as root, exited with code 1\. Last output:\nno space left$/),
    });
  });

  test('but listens is not taken for one that serves, and is ended', async () => {
    await expect(start(`${NOTES}${LISTEN} serve(false);`, { timeout: 300 })).rejects.toMatchObject({
      message: expect.stringContaining('did not respond'),
    });
    expect(await commandLine((await notes()).pid)).toBe('');
  });

  test('is recorded before it responds, so that a killed run can be cleaned up', async () => {
    const known: DaemonProcess[] = [];
    const silent = start(`${NOTES}${LISTEN} serve(false);`, { timeout: 300, onStart: (one) => known.push(one) });
    await expect(silent).rejects.toMatchObject({ kind: 'tool' });
    const { pid, argv } = await notes();
    expect(known).toEqual([{ pid, folder: join(folder, 'state'), address: argv[argv.indexOf('--addr') + 1] }]);
  });

  test('is ended with the job', async () => {
    const signal = AbortSignal.timeout(300);
    await expect(start(`${NOTES} setInterval(() => {}, 1e6)`, { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await commandLine((await notes()).pid)).toBe('');
  });

  test.each([
    ['runc', 0, 'BuildKit needs runc'],
    ['rootlesskit', 1000, 'rootlesskit or newuidmap is not in PATH'],
  ])('because %s is missing says so and what to install', async (_, uid, message) => {
    const path = await program('buildkitd', SERVES);
    if (uid !== 0) await program('runc', '');
    const tool = toolAt('buildkitd', path);
    await expect(startBuildkit({ tool, ...usual(), uid })).rejects.toMatchObject({
      message: expect.stringContaining(message),
      next: expect.stringContaining('apt-get install'),
    });
  });
});

test('a process that has got the pid of a daemon long gone is left alone', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true });
  const pid = bystander.pid ?? 0;
  try {
    await stopBuildkit({ pid, address: 'unix:///gone/buildkitd.sock', folder: join(folder, 'state'), log });
    expect(await commandLine(pid)).not.toBe('');
  } finally {
    bystander.kill('SIGKILL');
  }
});
