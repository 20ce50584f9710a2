/** A docker engine for one test file: its own folder and socket, no bridge and no rule of the firewall. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dockerEngine, ensureDebianPackages, killWithUs } from '@tidegate/testkit';
import type { Server } from './servers.ts';

/** @returns the value of DOCKER_HOST as its address */
export async function startDockerd(folder: string): Promise<Server> {
  await ensureDebianPackages(['docker.io']);
  return start(folder, process.env.PATH ?? '', ['--storage-driver=vfs'], {});
}

/** A newer engine, with the containerd image store. */
export async function startNewerDockerd(folder: string): Promise<Server> {
  await ensureDebianPackages(['runc']);
  const path = [...(await dockerEngine()), process.env.PATH ?? '', '/usr/sbin'].join(delimiter);
  return start(folder, path, [], { features: { 'containerd-snapshotter': true } });
}

async function start(folder: string, path: string, more: readonly string[], settings: object): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'daemon.json');
  await writeFile(config, JSON.stringify(settings));
  const socket = join(folder, 'docker.sock');
  const [root, exec, pid] = ['root', 'exec', 'pid'].map((name) => join(folder, name));
  const argv = [`--data-root=${root}`, `--exec-root=${exec}`, `--pidfile=${pid}`, `--host=unix://${socket}`];
  const apart = ['--bridge=none', '--iptables=false', '--ip6tables=false', `--config-file=${config}`];
  const env = { ...process.env, PATH: path };
  const child = spawn('dockerd', [...argv, ...apart, ...more], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  killWithUs(child);
  const deadline = Date.now() + 60_000;
  while (!(await listens(socket))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`dockerd did not start:\n${said.slice(-20).join('')}`);
    }
    await wait(50);
  }
  return {
    address: `unix://${socket}`,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        await exit;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listens(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
