/** BuildKit on "other machines": real daemons on loopback ports that require TLS and a client certificate. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Identity, killWithUs } from '@tidegate/testkit';
import { freePort } from './servers.ts';

export interface Node extends AsyncDisposable {
  /** `tcp://127.0.0.1:port` */
  readonly address: string;
  /** End it as the kernel does for lack of memory. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface NodeOptions {
  readonly buildkitd: string;
  readonly folder: string;
  /** Appears as `search NAME` in /etc/resolv.conf of RUN steps: which machine runs a step is otherwise not visible. */
  readonly name: string;
  readonly server: Identity;
  /** Path of the authority's certificate. Absent: the node uses TLS, and takes any client. */
  readonly clientCa?: string;
}

export async function startNode({ buildkitd, folder, name, server, clientCa }: NodeOptions): Promise<Node> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const file = async (path: string, text: string) => {
    await writeFile(join(folder, path), text, { mode: 0o600 });
    return join(folder, path);
  };
  const config = await file('buildkitd.toml', `[dns]\n  nameservers=["127.0.0.1"]\n  searchDomains=["${name}"]\n`);
  const [cert, key] = [await file('server.pem', server.cert), await file('server.key', server.key)];
  const argv = [
    ...['--root', join(folder, 'root'), '--addr', `tcp://127.0.0.1:${port}`, '--config', config],
    ...['--otel-socket-path', join(folder, 'otel.sock'), '--containerd-worker=false', '--oci-worker-net', 'host'],
    ...['--oci-worker-binary', 'runc', '--tlscert', cert, '--tlskey', key],
    ...(clientCa === undefined ? [] : ['--tlscacert', clientCa]),
  ];
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  const start = async () => {
    child = spawn(buildkitd, argv, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
    const said: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
    killWithUs(child);
    const deadline = Date.now() + 20_000;
    while (!(await accepts(port))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`buildkitd did not start:\n${said.join('')}`);
      await wait(20);
    }
  };
  await start();
  const dispose = async () => {
    await kill();
    // A daemon that was killed leaves the file systems of its steps mounted.
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .flatMap((line) => line.split(' ')[1] ?? []);
    for (const mount of mounts.filter((path) => path.startsWith(`${folder}/`)).reverse()) {
      await promisify(execFile)('umount', ['--lazy', mount]);
    }
  };
  return { address: `tcp://127.0.0.1:${port}`, kill, start, [Symbol.asyncDispose]: dispose };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
